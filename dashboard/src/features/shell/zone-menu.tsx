import { Globe } from 'lucide-react';
import { setPreferences, usePreferences } from '@/shared/lib/preferences';
import { zoneName } from '@/shared/lib/time';
import { Button } from '@/shared/ui/button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from '@/shared/ui/dropdown-menu';

const ZONES = [
  'UTC',
  'Europe/London',
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Australia/Sydney',
];

function label(zone: string): string {
  return zone.replaceAll('_', ' ').replace('/', ' / ');
}

export function ZoneMenu() {
  const { zone } = usePreferences();
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const now = Date.now();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" className="px-2 text-muted-foreground">
          <Globe />
          <span className="sr-only">Time zone</span>
          <span className="max-sm:hidden">{zoneName(now, zone)}</span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuLabel>Show times in</DropdownMenuLabel>
        <DropdownMenuRadioGroup
          value={zone}
          onValueChange={(value) => setPreferences({ zone: value })}
        >
          <DropdownMenuRadioItem value="local">Local time ({label(here)})</DropdownMenuRadioItem>
          {ZONES.map((name) => (
            <DropdownMenuRadioItem key={name} value={name}>
              <span className="flex-1">{label(name)}</span>
              <span className="text-muted-foreground text-xs">{zoneName(now, name)}</span>
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
