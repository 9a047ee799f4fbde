import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { OrderActions } from '@/features/order/actions/order-actions';
import type { Schemas } from '@/shared/api/client';
import { words } from '@/shared/domain/vocabulary';
import { Badge } from '@/shared/ui/badge';
import { CopyButton } from '@/shared/ui/copy-button';
import { Money } from '@/shared/ui/money';
import { StatusBadge } from '@/shared/ui/status-badge';
import { Countdown, Time } from '@/shared/ui/time';

interface OrderHeaderProps {
  order: Schemas['Order'];
  diagnosis: Schemas['Diagnosis'] | undefined;
  isPast: boolean;
  onDone: () => void;
}

export function OrderHeader({ order, diagnosis, isPast, onDone }: OrderHeaderProps) {
  return (
    <header className="flex flex-col gap-3">
      <Link
        to="/orders"
        className="-ml-1 inline-flex items-center gap-1 self-start text-muted-foreground text-sm hover:text-foreground"
      >
        <ChevronLeft className="size-4" aria-hidden /> Orders
      </Link>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-1 basis-64 flex-col gap-1.5">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="wrap-anywhere min-w-0 font-semibold text-xl tracking-tight">
              {order.reference ?? `Order …${order.id.slice(-10)}`}
            </h1>
            <StatusBadge status={order.status} />
            {order.health === 'ok' ||
            order.health === 'dead' ||
            order.health === 'attention' ? null : (
              <Badge tone="warn">{words(order.health)}</Badge>
            )}
            {order.next_attempt_at && !isPast ? (
              <span className="text-sm text-warn">
                next try <Countdown until={order.next_attempt_at} className="font-medium" />
              </span>
            ) : null}
          </div>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted-foreground text-sm">
            <Money
              minor={order.total}
              currency={order.currency}
              exponent={order.currency_exponent}
              className="font-medium text-foreground"
            />
            <span>
              customer{' '}
              <Link
                to="/orders"
                search={{ q: `customer:${order.customer_id}` }}
                className="text-foreground underline decoration-border underline-offset-2 hover:decoration-foreground"
              >
                {order.customer_id}
              </Link>
            </span>
            <span>
              placed <Time at={order.created_at} />
            </span>
            {order.run > 1 ? <span>run {order.run}</span> : null}
            <span className="tabular-nums">version {order.version}</span>
          </p>
          <CopyRow order={order} />
        </div>
        {isPast ? null : <OrderActions order={order} diagnosis={diagnosis} onDone={onDone} />}
      </div>
    </header>
  );
}

function CopyRow({ order }: { order: Schemas['Order'] }) {
  const origin = location.origin;
  return (
    <div className="-ml-2 flex min-w-0 flex-wrap items-center">
      <CopyButton
        value={order.id}
        what={`id ${order.id}`}
        className="min-w-0 justify-start font-mono max-sm:basis-full"
      >
        <span className="truncate">{order.id}</span>
      </CopyButton>
      <CopyButton value={`curl -sS ${origin}/v1/orders/${order.id}`} what="curl command">
        curl
      </CopyButton>
      <CopyButton
        value={`conveyor orders get ${order.id} --why --server ${origin}`}
        what="command line"
      >
        command
      </CopyButton>
    </div>
  );
}
