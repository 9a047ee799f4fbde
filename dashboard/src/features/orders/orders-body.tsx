import { Link } from '@tanstack/react-router';
import { ArrowUp, PackagePlus } from 'lucide-react';
import type { Column } from '@/features/orders/columns';
import { OrdersTable } from '@/features/orders/orders-table';
import { TableSkeleton } from '@/features/orders/table-skeleton';
import type { useOrders } from '@/features/orders/use-orders';
import { Button } from '@/shared/ui/button';
import { EmptyState, ErrorState, NoMatchState } from '@/shared/ui/states';

interface OrdersBodyProps {
  orders: ReturnType<typeof useOrders>;
  columns: readonly Column[];
  isFiltered: boolean;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onClear: () => void;
}

export function OrdersBody(props: OrdersBodyProps) {
  const { list, rows, fresh, showFresh } = props.orders;
  const refresh = () => {
    showFresh();
    document.querySelector('[data-orders-scroller]')?.scrollTo({ top: 0 });
    void list.refetch();
  };
  if (list.isPending) return <TableSkeleton columns={props.columns} />;
  if (list.isError && rows.length === 0) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {fresh > 0 ? (
        <Button
          size="sm"
          onClick={refresh}
          className="-translate-x-1/2 absolute top-10 left-1/2 z-10 rounded-full shadow-md"
        >
          <ArrowUp /> <span className="tabular-nums">{fresh}</span> new
        </Button>
      ) : null}
      {rows.length === 0 ? (
        <Nothing {...props} />
      ) : (
        <OrdersTable
          rows={rows}
          columns={props.columns}
          selected={props.selected}
          onSelect={props.onSelect}
          hasMore={list.hasNextPage}
          isFetchingMore={list.isFetchingNextPage}
          moreError={list.isFetchNextPageError ? list.error : undefined}
          onMore={() => void list.fetchNextPage()}
        />
      )}
    </div>
  );
}

function Nothing({ orders, isFiltered, onClear }: OrdersBodyProps) {
  const { list } = orders;
  if (!isFiltered) {
    return (
      <EmptyState icon={<PackagePlus />} title="No orders yet">
        <p>An order that is placed anywhere appears here at once.</p>
        <Button asChild>
          <Link to="/orders/new">Place the first order</Link>
        </Button>
      </EmptyState>
    );
  }
  return (
    <NoMatchState onClear={onClear}>
      {list.hasNextPage ? (
        <>
          <p>None of the {list.data?.pages.length ?? 0} pages that were looked at has one.</p>
          <Button variant="outline" onClick={() => void list.fetchNextPage()}>
            Look further back
          </Button>
        </>
      ) : (
        <p>There is no order like this.</p>
      )}
    </NoMatchState>
  );
}
