import { useMemo } from 'react';
import type { OrdersSearch } from '@/features/orders/search';
import { currentView, viewsAt } from '@/features/orders/views';
import { cn } from '@/shared/lib/cn';
import { usePreferences } from '@/shared/lib/preferences';
import { serverClock } from '@/shared/live/clock';

interface ViewTabsProps {
  search: OrdersSearch;
  onChange: (changes: Partial<OrdersSearch>) => void;
}

export function ViewTabs({ search, onChange }: ViewTabsProps) {
  const { zone } = usePreferences();
  const views = useMemo(() => viewsAt(serverClock.nowMs(), zone), [zone]);
  const current = currentView(views, search);
  return (
    <nav
      aria-label="Views"
      className="-mx-1 flex min-w-0 flex-1 gap-0.5 overflow-x-auto px-1 py-0.5"
    >
      {views.map((view) => (
        <button
          key={view.id}
          type="button"
          title={view.hint}
          aria-current={view === current ? 'true' : undefined}
          onClick={() => onChange({ q: undefined, fingerprint: undefined, ...view.search })}
          className={cn(
            'h-7 whitespace-nowrap rounded-md px-2.5 font-medium text-muted-foreground text-sm hover:bg-accent hover:text-foreground',
            view === current && 'bg-accent text-foreground',
          )}
        >
          {view.label}
        </button>
      ))}
    </nav>
  );
}
