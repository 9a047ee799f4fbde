import { useQuery } from '@tanstack/react-query';
import { readOrder } from '@/features/order/api/read-order';
import { jsonDiff } from '@/shared/lib/json-diff';
import type { OrderEvent } from '@/shared/live/transport';
import { DifferenceList } from '@/shared/ui/difference-list';
import { JsonView } from '@/shared/ui/json-view';
import { Skeleton } from '@/shared/ui/skeleton';
import { ErrorState } from '@/shared/ui/states';

/** What it changed of the order, and the event as it was written. */
export function EventDetail({ orderId, event }: { orderId: string; event: OrderEvent }) {
  return (
    <div className="flex flex-col gap-3 pb-3 pl-10">
      <section aria-label="What it changed">
        <h3 className="mb-1 font-medium text-muted-foreground text-xs">What it changed</h3>
        {event.version > 1 ? (
          <Changes orderId={orderId} version={event.version} />
        ) : (
          <p className="text-sm">It is the order’s beginning.</p>
        )}
      </section>
      <JsonView value={event} label="The event" />
    </div>
  );
}

function Changes({ orderId, version }: { orderId: string; version: number }) {
  const before = useQuery(readOrder(orderId, version - 1));
  const after = useQuery(readOrder(orderId, version));
  const error = before.error ?? after.error;
  const readAnew = () => {
    if (before.error) void before.refetch();
    if (after.error) void after.refetch();
  };
  if (error) return <ErrorState error={error} onRetry={readAnew} className="py-2" />;
  if (!before.data || !after.data) return <Skeleton className="h-12 w-full" />;
  return <DifferenceList differences={jsonDiff(before.data, after.data)} />;
}
