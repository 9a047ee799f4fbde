import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { readGroup } from '@/features/dead-letters/api/read-group';
import { ACTIONS, type BulkAction } from '@/shared/actions/action-words';
import type { Bulk } from '@/shared/actions/bulk-dialog';
import { readAnew } from '@/shared/api/read-anew';
import { useGathered } from '@/shared/hooks/use-gathered';
import { useLive, useOrderRow, useRoom } from '@/shared/live/hooks';
import type { OrderRow } from '@/shared/live/transport';
import { Button } from '@/shared/ui/button';
import { Checkbox } from '@/shared/ui/checkbox';
import { Money } from '@/shared/ui/money';
import { Skeleton } from '@/shared/ui/skeleton';
import { ErrorState } from '@/shared/ui/states';
import { StatusBadge } from '@/shared/ui/status-badge';
import { Ago, Countdown } from '@/shared/ui/time';

const OFFERED = ['retry', 'compensate', 'cancel'] as const satisfies readonly BulkAction[];

/** Longer than a page takes to read, which would never end if each change began it anew. */
const GATHER_MS = 500;

interface GroupOrdersProps {
  fingerprint: string;
  onBulk: (bulk: Bulk) => void;
}

export function GroupOrders({ fingerprint, onBulk }: GroupOrdersProps) {
  const live = useLive();
  const queryClient = useQueryClient();
  const options = readGroup(live, fingerprint);
  const list = useInfiniteQuery(options);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const again = () => readAnew(queryClient, { queryKey: options.queryKey, exact: true });
  const gathered = useGathered(() => void again().catch(() => undefined), GATHER_MS);
  useRoom('dead_letters', {
    onItems: (items) => {
      if (items.length > 0) gathered();
    },
    onResync: again,
  });
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  // One that has left the group, because it was retried, is not selected any more.
  const chosen = rows.filter((row) => selected.has(row.id)).map((row) => row.id);
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    setSelected(next);
  };
  if (list.isPending) return <Skeleton className="m-4 h-24" />;
  if (list.isError && rows.length === 0) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} className="py-6" />;
  }
  return (
    <div className="border-t">
      <ul className="flex flex-col divide-y" aria-label="Orders of this group">
        {rows.map((row) => (
          <GroupOrder
            key={row.id}
            row={row}
            isSelected={selected.has(row.id)}
            onToggle={() => toggle(row.id)}
          />
        ))}
      </ul>
      <div className="flex flex-wrap items-center gap-2 border-t px-4 py-2 [&:not(:has(button))]:hidden">
        {chosen.length > 0 ? (
          <>
            <span className="mr-2 font-medium text-sm tabular-nums">{chosen.length} selected</span>
            {OFFERED.map((name) => (
              <Button
                key={name}
                variant="outline"
                size="sm"
                onClick={() => onBulk({ action: name, orderIds: chosen })}
              >
                {ACTIONS[name].label}
              </Button>
            ))}
          </>
        ) : null}
        <span className="flex-1" />
        {list.hasNextPage ? (
          <Button
            variant="ghost"
            size="sm"
            disabled={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            More
          </Button>
        ) : null}
      </div>
    </div>
  );
}

interface GroupOrderProps {
  row: OrderRow;
  isSelected: boolean;
  onToggle: () => void;
}

function GroupOrder({ row, isSelected, onToggle }: GroupOrderProps) {
  const order = useOrderRow(row);
  const name = order.reference ?? `…${order.id.slice(-10)}`;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-sm hover:bg-accent/60">
      <Checkbox aria-label={`Select ${name}`} checked={isSelected} onChange={onToggle} />
      <Link
        to="/orders/$orderId"
        params={{ orderId: order.id }}
        className="min-w-28 flex-1 truncate font-medium hover:underline"
      >
        {name}
      </Link>
      <StatusBadge status={order.status} />
      <span className="w-24 truncate text-muted-foreground max-sm:w-auto max-sm:flex-1 max-sm:basis-1/2 max-sm:pl-8">
        {order.customer_id}
      </span>
      <span className="text-right sm:w-40">
        <Money minor={order.total} currency={order.currency} exponent={order.currency_exponent} />
      </span>
      <span className="w-36 text-right text-muted-foreground text-xs max-sm:w-auto max-sm:flex-1 max-sm:basis-2/5 max-sm:pl-8 max-sm:text-left">
        {order.dead_since ? (
          <>
            dead <Ago at={order.dead_since} />
          </>
        ) : null}
      </span>
      <span className="w-36 text-right text-muted-foreground text-xs max-sm:w-auto">
        {order.undo_at ? (
          <>
            undone <Countdown until={order.undo_at} />
          </>
        ) : null}
      </span>
    </li>
  );
}
