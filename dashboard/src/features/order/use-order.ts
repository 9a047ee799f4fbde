import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  readAttempts,
  readDiagnosis,
  readEvents,
  readOrder,
} from '@/features/order/api/read-order';
import { readAnew } from '@/shared/api/read-anew';
import { eventLabel } from '@/shared/domain/vocabulary';
import { useGathered } from '@/shared/hooks/use-gathered';
import { announce } from '@/shared/lib/announce';
import { useRoom } from '@/shared/live/hooks';

/** Events come in bursts; what they change is read once for all of them. */
const GATHER_MS = 80;

/** Everything about one order, read anew when the feed tells of it. */
export function useOrder(id: string, version: number | undefined) {
  const queryClient = useQueryClient();
  const now = useQuery(readOrder(id));
  const then = useQuery({ ...readOrder(id, version), enabled: version !== undefined });
  const events = useQuery(readEvents(id));
  const attempts = useQuery(readAttempts(id));
  const diagnosis = useQuery(readDiagnosis(id));
  const again = () =>
    readAnew(queryClient, {
      queryKey: ['order', id],
      predicate: ({ queryKey }) => typeof queryKey[3] !== 'number', // the past stays as it was
    });
  const gathered = useGathered(() => void again().catch(() => undefined), GATHER_MS);
  useRoom(`order:${id}`, {
    onItems: (items) => {
      const last = items.findLast((item) => item.event === 'event:created');
      if (last?.event === 'event:created') announce(eventLabel(last.data.type));
      gathered();
    },
    onResync: again,
  });
  return { now, then, events, attempts, diagnosis, readAnew: gathered };
}
