import type { OrderRow } from '@/shared/live/transport';

/**
 * What is known of orders, by id. One subscription per visible row; listeners are called at most
 * once a frame, however much has come. An older version never replaces a newer one, so that a late
 * answer of the API cannot undo what the feed has told.
 */
export type Schedule = (flush: () => void) => void;

/** A frame; a timer where no frames are drawn. */
export const nextFrame: Schedule = (flush) => {
  if (typeof document === 'undefined' || document.hidden) setTimeout(flush, HIDDEN_FLUSH_MS);
  else requestAnimationFrame(flush);
};
const HIDDEN_FLUSH_MS = 250;

/** Rows that nobody shows are forgotten beyond this many, the longest unchanged first. */
export const ORDERS_KEPT = 5_000;

export class OrderStore {
  private readonly rows = new Map<string, OrderRow>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly changed = new Set<string>();
  private readonly waiting = new Map<string, OrderRow>();
  private readonly paused = new Map<string, number>();
  private isScheduled = false;
  private readonly schedule: Schedule;
  private readonly limit: number;

  constructor(schedule: Schedule = nextFrame, limit: number = ORDERS_KEPT) {
    this.schedule = schedule;
    this.limit = limit;
  }

  get(id: string): OrderRow | undefined {
    return this.rows.get(id);
  }

  /** Whether something newer waits behind a pause. */
  hasWaiting(id: string): boolean {
    return this.waiting.has(id);
  }

  get size(): number {
    return this.rows.size;
  }

  put(rows: Iterable<OrderRow>): void {
    for (const row of rows) this.putOne(row);
    this.forgetSome();
  }

  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    listeners.add(listener);
    this.listeners.set(id, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(id);
    };
  }

  isShown(id: string): boolean {
    return this.listeners.has(id);
  }

  shownIds(): string[] {
    return [...this.listeners.keys()];
  }

  /** While a row is inspected or selected it stays as it is; what came is shown afterwards. */
  pause(id: string): () => void {
    this.paused.set(id, (this.paused.get(id) ?? 0) + 1);
    let isPaused = true;
    return () => {
      if (!isPaused) return;
      isPaused = false;
      const left = (this.paused.get(id) ?? 1) - 1;
      if (left > 0) {
        this.paused.set(id, left);
        return;
      }
      this.paused.delete(id);
      const row = this.waiting.get(id);
      this.waiting.delete(id);
      if (row) this.putOne(row);
    };
  }

  private putOne(row: OrderRow): void {
    const known = this.rows.get(row.id);
    if (known && known.version >= row.version) return;
    if (known && this.paused.has(row.id)) {
      const waiting = this.waiting.get(row.id);
      if (!waiting || waiting.version < row.version) {
        this.waiting.set(row.id, row);
        this.touch(row.id);
      }
      return;
    }
    this.rows.delete(row.id); // to the end: the longest unchanged is the first
    this.rows.set(row.id, row);
    this.touch(row.id);
  }

  private touch(id: string): void {
    if (!this.listeners.has(id)) return;
    this.changed.add(id);
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.schedule(() => this.flush());
  }

  private flush(): void {
    this.isScheduled = false;
    const ids = [...this.changed];
    this.changed.clear();
    for (const id of ids) {
      for (const listener of this.listeners.get(id) ?? []) listener();
    }
  }

  private forgetSome(): void {
    if (this.rows.size <= this.limit) return;
    for (const id of this.rows.keys()) {
      if (this.rows.size <= this.limit) return;
      if (!this.listeners.has(id) && !this.paused.has(id)) this.rows.delete(id);
    }
  }
}
