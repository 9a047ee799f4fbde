import { serverClock } from '@/shared/live/clock';
import { OrderStore } from '@/shared/live/order-store';
import type {
  Batch,
  Connection,
  LiveItem,
  OrderRow,
  Room,
  Transport,
} from '@/shared/live/transport';

/** Without a sign of life for so long, what is shown is called old. */
export const STALE_AFTER_MS = 5_000;
const CHECK_MS = 500;
/** Before a gap that could not be read is read again. */
export const READ_AGAIN_MS = 2_000;

/** Always joined: the one tells all rows, the other beats once a second. */
const ALWAYS: readonly Room[] = ['orders', 'pipeline'];

export type LiveStatus =
  | { kind: 'connecting' }
  | { kind: 'catching-up' }
  | { kind: 'live' }
  | { kind: 'paused'; sinceMs: number }
  | { kind: 'reconnecting'; retryAtMs: number; asOfMs: number | undefined }
  | { kind: 'offline'; asOfMs: number | undefined };

export interface RoomListener {
  onItems: (items: readonly LiveItem[]) => void;
  /** What is shown has a gap: read it anew; done when the promise is. */
  onResync?: (() => Promise<unknown>) | undefined;
}

/**
 * Owns the connection: who listens to which room, where each room is, how fresh everything is.
 * Times here are the browser's, as they are only compared with each other.
 */
export class Live {
  readonly orders: OrderStore;
  private readonly transport: Transport;
  private readonly now: () => number;
  private readonly rooms = new Map<Room, Set<RoomListener>>(ALWAYS.map((r) => [r, new Set()]));
  private readonly cursors = new Map<Room, string>();
  private readonly resyncs = new Map<Room, symbol>();
  private readonly statusListeners = new Set<() => void>();
  private newestCursor: string | undefined;
  private connection: Connection = { state: 'connecting' };
  private aliveMs: number | undefined;
  private pausedMs: number | undefined;
  private current: LiveStatus = { kind: 'connecting' };
  private checking: ReturnType<typeof setInterval> | undefined;

  constructor(transport: Transport, orders = new OrderStore(), now: () => number = Date.now) {
    this.transport = transport;
    this.orders = orders;
    this.now = now;
  }

  start(): void {
    this.connect();
    this.checking = setInterval(() => this.check(), CHECK_MS);
  }

  stop(): void {
    this.transport.stop();
    clearInterval(this.checking);
  }

  /**
   * A room that is new begins at the newest cursor that is known, which is older than whatever its
   * page is about to read.
   */
  listen(room: Room, listener: RoomListener): () => void {
    let listeners = this.rooms.get(room);
    if (!listeners) {
      listeners = new Set();
      this.rooms.set(room, listeners);
      if (this.newestCursor !== undefined) this.cursors.set(room, this.newestCursor);
      this.transport.join(room, this.newestCursor);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      const isLast = listeners.size === 0 && this.rooms.get(room) === listeners;
      if (!isLast || ALWAYS.includes(room)) return;
      this.rooms.delete(room);
      this.cursors.delete(room);
      this.resyncs.delete(room);
      this.transport.leave(room);
    };
  }

  pause(): void {
    if (this.pausedMs !== undefined) return;
    this.pausedMs = this.now();
    this.transport.stop();
    this.check();
  }

  /** Goes on behind the last cursors: what happened meanwhile comes now. */
  resume(): void {
    if (this.pausedMs === undefined) return;
    this.pausedMs = undefined;
    this.connect();
  }

  get status(): LiveStatus {
    return this.current;
  }

  subscribeStatus(listener: () => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  private connect(): void {
    const handlers = {
      onBatch: (batch: Batch) => this.take(batch),
      onResync: (room: Room) => this.resync(room),
      onConnection: (connection: Connection) => {
        this.connection = connection;
        if (connection.state === 'connected') this.aliveMs = this.now();
        this.check();
      },
    };
    this.transport.start(
      handlers,
      () => new Map([...this.rooms.keys()].map((room) => [room, this.cursors.get(room)])),
    );
  }

  private take(batch: Batch): void {
    serverClock.seenExactly(batch.serverTimeMs);
    this.aliveMs = this.now();
    this.newestCursor = batch.cursor;
    // While a gap is being read, the place before it is kept: a connection lost meanwhile begins
    // there again, or is told once more.
    if (!this.resyncs.has(batch.room)) this.cursors.set(batch.room, batch.cursor);
    this.orders.put(batch.items.flatMap(rowsOf));
    for (const listener of this.rooms.get(batch.room) ?? []) listener.onItems(batch.items);
    this.check();
  }

  private resync(room: Room): void {
    const mark = Symbol(room);
    this.resyncs.set(room, mark);
    this.cursors.delete(room);
    const reading = [...(this.rooms.get(room) ?? [])].map((listener) => listener.onResync?.());
    void Promise.allSettled(reading).then((ends) => {
      if (this.resyncs.get(room) !== mark) return;
      if (ends.every((end) => end.status === 'fulfilled')) {
        this.resyncs.delete(room);
        return;
      }
      setTimeout(() => {
        if (this.resyncs.get(room) === mark) this.resync(room);
      }, READ_AGAIN_MS);
    });
  }

  private check(): void {
    const next = this.compute();
    if (isSame(this.current, next)) return;
    this.current = next;
    for (const listener of this.statusListeners) listener();
  }

  private compute(): LiveStatus {
    if (this.pausedMs !== undefined) return { kind: 'paused', sinceMs: this.pausedMs };
    const { connection, aliveMs } = this;
    switch (connection.state) {
      case 'connecting':
        // Again, behind a pause: what is shown is of before it, and no word of the present yet.
        return aliveMs === undefined
          ? { kind: 'connecting' }
          : { kind: 'reconnecting', retryAtMs: aliveMs, asOfMs: aliveMs };
      case 'waiting':
        return { kind: 'reconnecting', retryAtMs: connection.retryAtMs, asOfMs: aliveMs };
      case 'catching-up':
        return { kind: 'catching-up' };
      case 'connected':
        break;
    }
    const isStale = aliveMs === undefined || this.now() - aliveMs > STALE_AFTER_MS;
    return isStale ? { kind: 'offline', asOfMs: aliveMs } : { kind: 'live' };
  }
}

function rowsOf(item: LiveItem): OrderRow[] {
  return item.event === 'order:updated' || item.event === 'dead_letter:entered' ? [item.data] : [];
}

function isSame(a: LiveStatus, b: LiveStatus): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
