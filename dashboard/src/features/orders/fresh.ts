import { belongs, type ListFilter } from '@/features/orders/api/list-orders';
import type { LiveItem, OrderRow } from '@/shared/live/transport';

/** Orders that are remembered; of more it is only known that there are more. */
export const FRESH_MAX = 1_000;

/**
 * Orders that belong to the list and are not in it: placed since, or belonging since. What was placed
 * before the last row that is loaded comes when the list is read further.
 */
export class Fresh {
  private filter: ListFilter;
  private known: ReadonlySet<string> = new Set();
  private last: string | undefined;
  /** Each with when it was placed, the first that came first. */
  private readonly fresh = new Map<string, string>();
  /** Placed before the last row: new only if the list is read that far without them. */
  private readonly older = new Map<string, string>();
  private isFull = false;

  constructor(filter: ListFilter) {
    this.filter = filter;
  }

  get count(): number {
    return this.fresh.size;
  }

  /** Whether there are more than are counted. */
  get isMore(): boolean {
    return this.isFull;
  }

  /** What the list shows now. */
  listed(filter: ListFilter, rows: readonly OrderRow[], hasMore: boolean): void {
    this.filter = filter;
    this.known = new Set(rows.map((row) => row.id));
    this.last = hasMore ? rows.at(-1)?.created_at : undefined;
    const all = [...this.fresh, ...this.older];
    this.fresh.clear();
    this.older.clear();
    for (const [id, created] of all) if (!this.known.has(id)) this.remember(id, created);
    if (this.fresh.size === 0) this.isFull = false;
  }

  /** Takes as long as there are items, however many have come before. */
  take(items: readonly LiveItem[]): void {
    for (const { event, data } of items) {
      if (event !== 'order:updated' || this.known.has(data.id)) continue;
      if (belongs(this.filter, data)) this.remember(data.id, data.created_at);
      else this.placeOf(data.created_at).delete(data.id);
    }
  }

  clear(): void {
    this.fresh.clear();
    this.older.clear();
    this.isFull = false;
  }

  private placeOf(created: string): Map<string, string> {
    return this.last === undefined || created >= this.last ? this.fresh : this.older;
  }

  private remember(id: string, created: string): void {
    const place = this.placeOf(created);
    if (place.has(id) || place.size < FRESH_MAX) {
      place.set(id, created);
    } else if (place === this.fresh) {
      this.isFull = true;
    } else {
      const first = place.keys().next();
      if (!first.done) place.delete(first.value);
      place.set(id, created);
    }
  }
}
