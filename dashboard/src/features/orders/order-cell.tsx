import { Link } from '@tanstack/react-router';
import type { ColumnId } from '@/features/orders/columns';
import { fingerprintParts } from '@/shared/domain/fingerprint';
import { isFinal, words } from '@/shared/domain/vocabulary';
import type { OrderRow } from '@/shared/live/transport';
import { Money } from '@/shared/ui/money';
import { StatusBadge } from '@/shared/ui/status-badge';
import { Countdown, Time } from '@/shared/ui/time';

/** The shop's own number, or the end of ours, which differs most. */
export function orderName(order: Pick<OrderRow, 'id' | 'reference'>): string {
  return order.reference ?? `…${order.id.slice(-10)}`;
}

/** A call that is planned and due may be under way, or held back: it says `now` until it is over. */
export function NextTry({ order }: { order: OrderRow }) {
  if (order.next_attempt_at === undefined) return null;
  return <Countdown until={order.next_attempt_at} className="text-warn" />;
}

interface OrderCellProps {
  column: ColumnId;
  order: OrderRow;
  hasWaiting: boolean;
}

export function OrderCell({ column, order, hasWaiting }: OrderCellProps) {
  switch (column) {
    case 'order':
      return (
        <Link
          to="/orders/$orderId"
          params={{ orderId: order.id }}
          title={order.id}
          className={`font-medium hover:underline ${order.reference ? '' : 'font-mono text-xs'}`}
        >
          {orderName(order)}
        </Link>
      );
    case 'status':
      return (
        <span className="inline-flex items-center gap-1.5">
          <StatusBadge status={order.status} />
          {hasWaiting ? (
            <span className="text-warn text-xs" title="It has changed; shown when deselected">
              changed
            </span>
          ) : null}
        </span>
      );
    case 'step':
      return (
        <span className="text-muted-foreground">
          {isFinal(order.status) ? '–' : words(order.step)}
        </span>
      );
    case 'failure':
      return order.fingerprint ? (
        <span className="text-muted-foreground" title={order.fingerprint}>
          {fingerprintParts(order.fingerprint).code}
        </span>
      ) : null;
    case 'next':
      return <NextTry order={order} />;
    case 'attempts':
      return order.attempts > 0 ? (
        <span className="text-muted-foreground tabular-nums">{order.attempts}×</span>
      ) : null;
    case 'health':
      return <span className="text-muted-foreground">{words(order.health)}</span>;
    case 'customer':
      return <span title={order.customer_id}>{order.customer_id}</span>;
    case 'total':
      return (
        <Money minor={order.total} currency={order.currency} exponent={order.currency_exponent} />
      );
    case 'created':
      return <Time at={order.created_at} className="text-muted-foreground" />;
    case 'updated':
      return <Time at={order.updated_at} className="text-muted-foreground" />;
    case 'version':
      return <span className="text-muted-foreground tabular-nums">{order.version}</span>;
    case 'run':
      return <span className="text-muted-foreground tabular-nums">{order.run}</span>;
    case 'correlation':
      return (
        <span className="font-mono text-muted-foreground text-xs">{order.correlation_id}</span>
      );
  }
}
