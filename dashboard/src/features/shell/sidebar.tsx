import { Link, useRouterState } from '@tanstack/react-router';
import { DESTINATIONS } from '@/features/shell/navigation';
import { cn } from '@/shared/lib/cn';

const itemClass =
  'flex h-8 shrink-0 items-center gap-2.5 rounded-md px-2.5 font-medium text-muted-foreground text-sm hover:bg-accent hover:text-foreground max-md:h-11 max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:px-1 max-md:text-xs [&_svg]:size-4 [&_svg]:shrink-0';

const hereClass = cn(itemClass, 'bg-accent text-foreground');

/** An order is one of the orders. */
function isWithin(to: string, path: string): boolean {
  return to === '/orders' && /^\/orders\/(?!new$)/.test(path);
}

export function Sidebar() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav
      aria-label="Pages"
      className="flex shrink-0 gap-0.5 border-b bg-sidebar p-1 md:w-52 md:gap-1 md:flex-col md:border-r md:border-b-0 md:p-3"
    >
      <Link
        to="/"
        className="flex shrink-0 items-center gap-2 px-2 font-semibold tracking-tight md:mb-3 md:h-8"
      >
        <img src="/favicon.svg" alt="" className="size-5" />
        <span className="max-md:sr-only">Conveyor</span>
      </Link>
      {DESTINATIONS.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: true, includeSearch: false }}
          className={isWithin(to, path) ? hereClass : itemClass}
          activeProps={{ className: hereClass, 'aria-current': 'page' }}
        >
          <Icon aria-hidden />
          <span className="whitespace-nowrap">{label}</span>
        </Link>
      ))}
    </nav>
  );
}
