import { Link } from '@tanstack/react-router';
import { PackagePlus } from 'lucide-react';
import type { Dispatch, SetStateAction } from 'react';
import type { ListFilter } from '@/features/orders/api/list-orders';
import type { Column } from '@/features/orders/columns';
import { OrdersTable } from '@/features/orders/orders-table';
import { TableSkeleton } from '@/features/orders/table-skeleton';
import type { useOrders } from '@/features/orders/use-orders';
import { Button } from '@/shared/ui/button';
import { EmptyState, ErrorState, NoMatchState } from '@/shared/ui/states';

interface OrdersBodyProps {
  orders: ReturnType<typeof useOrders>;
  filter: ListFilter;
  columns: readonly Column[];
  isFiltered: boolean;
  selected: ReadonlySet<string>;
  onSelect: Dispatch<SetStateAction<ReadonlySet<string>>>;
  onClear: () => void;
}

export function OrdersBody(props: OrdersBodyProps) {
  const { list, rows } = props.orders;
  if (list.isPending) return <TableSkeleton columns={props.columns} />;
  if (rows.length === 0) {
    if (!list.isError) return <Nothing {...props} />;
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  return (
    <OrdersTable
      rows={rows}
      columns={props.columns}
      selected={props.selected}
      onSelect={props.onSelect}
      hasMore={list.hasNextPage}
      isFetching={list.isFetching}
      isFetchingMore={list.isFetchingNextPage}
      moreError={list.isFetchNextPageError ? list.error : undefined}
      onMore={() => void list.fetchNextPage()}
    />
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
