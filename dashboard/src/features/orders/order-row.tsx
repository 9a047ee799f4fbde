import { Link } from '@tanstack/react-router';
import { memo, useEffect, useRef } from 'react';
import type { Column } from '@/features/orders/columns';
import { NextTry, OrderCell, orderName } from '@/features/orders/order-cell';
import { cn } from '@/shared/lib/cn';
import { useHasWaiting, useLive, useOrderRow } from '@/shared/live/hooks';
import type { OrderRow } from '@/shared/live/transport';
import { Checkbox } from '@/shared/ui/checkbox';
import { Money } from '@/shared/ui/money';
import { StatusBadge } from '@/shared/ui/status-badge';
import { Time } from '@/shared/ui/time';

interface OrderRowViewProps {
  row: OrderRow;
  index: number;
  columns: readonly Column[];
  template: string;
  isNarrow: boolean;
  isSelected: boolean;
  isActive: boolean;
  onToggle: (id: string) => void;
  top: number;
  height: number;
}

/** One row, subscribed to its own order alone; it waits while it is selected. */
export const OrderRowView = memo(function OrderRowView(props: OrderRowViewProps) {
  const order = useOrderRow(props.row);
  const live = useLive();
  const { isSelected } = props;
  useEffect(
    () => (isSelected ? live.orders.pause(order.id) : undefined),
    [isSelected, live, order.id],
  );
  const settle = useSettle(order.version);
  const hasWaiting = useHasWaiting(order.id);
  return (
    <div
      role="row"
      aria-rowindex={props.index + 2}
      data-row-index={props.index}
      data-order-id={order.id}
      data-version={order.version}
      data-paused={isSelected ? true : undefined}
      className={cn(
        'absolute inset-x-0 grid items-center gap-x-4 border-b px-3 text-sm hover:bg-accent/60 md:px-6',
        isSelected && 'bg-accent',
        props.isActive && 'bg-accent/70',
      )}
      style={{
        top: props.top,
        height: props.height,
        gridTemplateColumns: props.isNarrow ? '1.5rem minmax(0, 1fr)' : props.template,
      }}
    >
      <div role="cell" className="flex items-center">
        <Checkbox
          aria-label={`Select ${orderName(order)}`}
          checked={isSelected}
          onChange={() => props.onToggle(order.id)}
        />
      </div>
      {props.isNarrow ? (
        <NarrowCell order={order} />
      ) : (
        props.columns.map((column) => (
          <div
            key={column.id === 'status' ? `${column.id}-${settle}` : column.id}
            role="cell"
            className={cn(
              'min-w-0',
              // Of an amount nothing may be missing.
              column.id === 'total' ? 'flex justify-end' : 'truncate',
              column.id === 'status' && settle > 0 && 'settle rounded-sm',
            )}
          >
            <OrderCell column={column.id} order={order} hasWaiting={hasWaiting} />
          </div>
        ))
      )}
    </div>
  );
});

function NarrowCell({ order }: { order: OrderRow }) {
  return (
    <div role="cell" className="flex min-w-0 flex-col gap-1">
      <div className="flex items-center gap-2">
        <Link
          to="/orders/$orderId"
          params={{ orderId: order.id }}
          className="min-w-0 flex-1 truncate font-medium hover:underline"
        >
          {orderName(order)}
        </Link>
        <Money minor={order.total} currency={order.currency} exponent={order.currency_exponent} />
      </div>
      <div className="flex items-center gap-2">
        <StatusBadge status={order.status} />
        <span className="min-w-0 flex-1 truncate text-muted-foreground text-xs">
          {order.customer_id}
        </span>
        {order.next_attempt_at ? (
          <span className="text-xs">
            <NextTry order={order} />
          </span>
        ) : (
          <Time at={order.created_at} className="text-muted-foreground text-xs" />
        )}
      </div>
    </div>
  );
}

/** Counts changes that were seen, not the first drawing. */
function useSettle(version: number): number {
  const first = useRef(version);
  return version - first.current;
}
