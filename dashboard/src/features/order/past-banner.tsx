import { ChevronLeft, ChevronRight, History } from 'lucide-react';
import { Button } from '@/shared/ui/button';

interface PastBannerProps {
  version: number;
  last: number;
  onChange: (version: number | undefined) => void;
}

/** The page shows the order as it was: said so that nobody can miss it. */
export function PastBanner({ version, last, onChange }: PastBannerProps) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-2 rounded-lg border border-warn/40 bg-warn-soft px-4 py-2 text-sm text-warn"
    >
      <History className="size-4" aria-hidden />
      <span className="flex-1">
        As it was after event {version} of {last}. Nobody can act on the past.
      </span>
      <Button
        variant="outline"
        size="icon-sm"
        aria-label="One event back"
        disabled={version <= 1}
        onClick={() => onChange(version - 1)}
      >
        <ChevronLeft />
      </Button>
      <Button
        variant="outline"
        size="icon-sm"
        aria-label="One event on"
        disabled={version >= last}
        onClick={() => onChange(version + 1)}
      >
        <ChevronRight />
      </Button>
      <Button variant="outline" size="sm" onClick={() => onChange(undefined)}>
        Back to now
      </Button>
    </div>
  );
}
