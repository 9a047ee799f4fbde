import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { serverClock } from '@/shared/live/clock';
import type { Live, LiveStatus, RoomListener } from '@/shared/live/live';
import type { OrderRow, Room } from '@/shared/live/transport';

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('useLive outside of LiveContext');
  return live;
}

export function useLiveStatus(): LiveStatus {
  const live = useLive();
  return useSyncExternalStore(
    (listener) => live.subscribeStatus(listener),
    () => live.status,
  );
}

/** Whether what is shown can be taken for the present. */
export function useIsLive(): boolean {
  const kind = useLiveStatus().kind;
  return kind === 'live' || kind === 'connecting' || kind === 'catching-up';
}

/** The newest known version of an order; this component alone is drawn anew when it changes. */
export function useOrderRow(row: OrderRow): OrderRow {
  const { orders } = useLive();
  const newest = useSyncExternalStore(
    (listener) => orders.subscribe(row.id, listener),
    () => orders.get(row.id),
  );
  return newest && newest.version >= row.version ? newest : row;
}

/** Whether something newer than what is shown of it waits behind a pause. */
export function useHasWaiting(id: string): boolean {
  const { orders } = useLive();
  return useSyncExternalStore(
    (listener) => orders.subscribe(id, listener),
    () => orders.hasWaiting(id),
  );
}

export function useRoom(room: Room | undefined, listener: RoomListener): void {
  const live = useLive();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    if (room === undefined) return;
    return live.listen(room, {
      onItems: (items) => latest.current.onItems(items),
      onResync: async () => latest.current.onResync?.(),
    });
  }, [live, room]);
}

/** The server's time, drawn anew so often. Timers of one interval tick together. */
export function useServerNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => serverClock.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverClock.nowMs()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
