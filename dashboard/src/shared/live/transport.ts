import type { Schemas } from '@/shared/api/client';

/**
 * The live feed as the rest of the dashboard sees it, whatever carries it (docs/live.md). Delivery
 * is at least once; after a lost connection a room goes on behind its last cursor, or says that it
 * cannot.
 */
export type Room = 'pipeline' | 'orders' | 'events' | 'dead_letters' | `order:${string}`;

/** An order as the list has it: enough for a row. */
export type OrderRow = Schemas['OrderSummary'];
export type OrderEvent = Schemas['Event'];
export type Glance = Pick<OrderRow, 'id' | 'version' | 'status'>;

/** The row of a new order comes in the same batch, as `order:updated`. */
export type LiveItem =
  | { event: 'order:created' | 'order:completed' | 'dead_letter:left'; data: Glance }
  | { event: 'order:updated' | 'dead_letter:entered'; data: OrderRow }
  | { event: 'event:created'; data: OrderEvent }
  | { event: 'pipeline:metrics'; data: Schemas['Pipeline'] };

export interface Batch {
  room: Room;
  cursor: string;
  serverTimeMs: number;
  items: readonly LiveItem[];
}

export type Connection =
  | { state: 'connecting' }
  /** There is a connection; what was missed is on its way. */
  | { state: 'catching-up' }
  | { state: 'connected' }
  | { state: 'waiting'; retryAtMs: number }; // local clock

export interface TransportHandlers {
  onBatch: (batch: Batch) => void;
  /** What a room shows may have a gap: whoever shows it reads it anew. */
  onResync: (room: Room) => void;
  onConnection: (connection: Connection) => void;
}

export interface Transport {
  /** `rooms` says what to join, with cursors, each time that there is a connection. */
  start(handlers: TransportHandlers, rooms: () => ReadonlyMap<Room, string | undefined>): void;
  stop(): void;
  join(room: Room, cursor: string | undefined): void;
  leave(room: Room): void;
}
