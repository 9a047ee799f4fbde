import { type Column, templateOf } from '@/features/orders/columns';
import { Skeleton } from '@/shared/ui/skeleton';

const ROWS = Array.from({ length: 18 }, (_, index) => index);

export function TableSkeleton({ columns }: { columns: readonly Column[] }) {
  const gridTemplateColumns = templateOf(columns);
  return (
    <div role="status" aria-label="Loading orders" className="flex-1 overflow-hidden">
      <div
        aria-hidden
        className="grid h-9 items-center gap-x-4 border-b px-6 font-medium text-muted-foreground text-xs max-md:hidden"
        style={{ gridTemplateColumns }}
      >
        <span />
        {columns.map(({ id, label }) => (
          <span key={id} className={id === 'total' ? 'text-right' : ''}>
            {label}
          </span>
        ))}
      </div>
      {ROWS.map((row) => (
        <div key={row} className="border-b">
          <div
            className="grid h-9.25 items-center gap-x-4 px-6 max-md:hidden"
            style={{ gridTemplateColumns }}
          >
            <Skeleton className="size-4" />
            {columns.map(({ id }) => (
              <Skeleton key={id} className={`h-4 ${id === 'total' ? 'ml-auto w-20' : 'w-3/4'}`} />
            ))}
          </div>
          <div className="flex h-15.75 items-center gap-6 px-3 md:hidden">
            <Skeleton className="size-4 shrink-0" />
            <div className="flex flex-1 flex-col gap-2">
              <div className="flex justify-between">
                <Skeleton className="h-4 w-28" />
                <Skeleton className="h-4 w-16" />
              </div>
              <div className="flex justify-between">
                <Skeleton className="h-4 w-36" />
                <Skeleton className="h-4 w-14" />
              </div>
            </div>
          </div>
        </div>
      ))}
    </div>
  );
}
