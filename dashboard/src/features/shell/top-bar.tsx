import { CircleHelp, Search } from 'lucide-react';
import { type ComponentType, useEffect, useState } from 'react';
import { LivePill } from '@/features/shell/live-pill';
import { Button } from '@/shared/ui/button';
import { Kbd } from '@/shared/ui/kbd';

export function TopBar({ onPalette, onHelp }: { onPalette: () => void; onHelp: () => void }) {
  const Menus = useDisplayMenus();
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b bg-background px-3 md:px-6">
      <LivePill />
      <span className="flex-1" />
      <Button
        variant="outline"
        onClick={onPalette}
        className="text-muted-foreground max-sm:size-8 max-sm:px-0 sm:w-56 sm:justify-start"
      >
        <Search />
        <span className="flex-1 text-left max-sm:sr-only">Go to…</span>
        <Kbd aria-hidden className="max-sm:hidden">
          ⌘K
        </Kbd>
      </Button>
      {Menus ? <Menus /> : <span className="w-16 sm:w-28" />}
      <Button variant="ghost" size="icon" aria-label="Help and shortcuts" onClick={onHelp}>
        <CircleHelp />
      </Button>
    </header>
  );
}

/** Once they are there; without them the page is whole. Not Suspense: a busy page lets it wait. */
function useDisplayMenus(): ComponentType | undefined {
  const [menus, setMenus] = useState<ComponentType>();
  useEffect(() => {
    import('@/features/shell/display-menus').then(
      ({ default: loaded }) => setMenus(() => loaded),
      () => undefined,
    );
  }, []);
  return menus;
}
