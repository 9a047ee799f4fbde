import type { Column } from '@/features/orders/columns';
import { Skeleton } from '@/shared/ui/skeleton';

const ROWS = Array.from({ length: 14 }, (_, index) => index);

export function TableSkeleton({ columns }: { columns: readonly Column[] }) {
  return (
    <div role="status" aria-label="Loading orders" className="flex-1 overflow-hidden px-3 md:px-6">
      <div className="h-9" />
      {ROWS.map((row) => (
        <div key={row} className="flex h-10 items-center gap-6">
          <Skeleton className="size-4" />
          {columns.map((column) => (
            <Skeleton key={column.id} className="h-4 flex-1" />
          ))}
        </div>
      ))}
    </div>
  );
}
