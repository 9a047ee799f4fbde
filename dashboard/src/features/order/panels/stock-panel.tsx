import { useQuery } from '@tanstack/react-query';
import { readReservations } from '@/features/order/api/read-order';
import { Panel } from '@/features/order/panels/panel';
import type { Schemas } from '@/shared/api/client';
import { words } from '@/shared/domain/vocabulary';
import { Badge, type Tone } from '@/shared/ui/badge';
import { Skeleton } from '@/shared/ui/skeleton';
import { ErrorState } from '@/shared/ui/states';
import { Time } from '@/shared/ui/time';

const TONES: Record<Schemas['ReservationState'], Tone> = {
  held: 'info',
  rejected: 'bad',
  undone: 'undo',
  committed: 'good',
};

interface StockPanelProps {
  orderId: string;
  /** The rest of the page shows the order as it was: what is reserved is known of the present alone. */
  isPast: boolean;
}

export function StockPanel({ orderId, isPast }: StockPanelProps) {
  const { data, error, refetch } = useQuery(readReservations(orderId));
  return (
    <Panel title={isPast ? 'Stock as it is now' : 'Stock'}>
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} className="py-2" />
      ) : null}
      {!data && !error ? <Skeleton className="h-10 w-full" /> : null}
      {data?.data.length === 0 ? (
        <p className="text-muted-foreground">Nothing was reserved.</p>
      ) : null}
      <ul className="flex flex-col gap-2">
        {data?.data.map((reservation) => (
          <li key={reservation.id} className="flex flex-col gap-1">
            <span className="flex items-center gap-2">
              <Badge tone={TONES[reservation.state]}>{words(reservation.state)}</Badge>
              <span className="text-muted-foreground text-xs">
                {pieces(reservation)}, since <Time at={reservation.since} />
              </span>
            </span>
            {reservation.code ? <span className="text-bad">{reservation.code}</span> : null}
            <code className="truncate font-mono text-muted-foreground text-xs">
              {reservation.id}
            </code>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function pieces({ lines }: Schemas['Reservation']): string {
  const count = lines.reduce((sum, line) => sum + line.quantity, 0);
  const skus = lines.length === 1 ? (lines[0]?.sku ?? '') : `${lines.length} SKUs`;
  return `${count.toLocaleString('en-GB')} ${count === 1 ? 'piece' : 'pieces'} of ${skus}`;
}
