import { belongs, type ListFilter } from '@/features/orders/api/list-orders';
import type { LiveItem, OrderRow } from '@/shared/live/transport';

/**
 * Orders that belong to the list and are not in it: placed since, or belonging since. What was placed
 * before the last row that is loaded comes when the list is read further.
 */
export class Fresh {
  private filter: ListFilter;
  private known: ReadonlySet<string> = new Set();
  private last: string | undefined;
  /** Also those that are known by now, each with when it was placed. */
  private readonly come = new Map<string, string>();
  private counted = 0;

  constructor(filter: ListFilter) {
    this.filter = filter;
  }

  get count(): number {
    return this.counted;
  }

  /** What the list shows now. */
  listed(filter: ListFilter, rows: readonly OrderRow[], hasMore: boolean): void {
    this.filter = filter;
    this.known = new Set(rows.map((row) => row.id));
    this.last = hasMore ? rows.at(-1)?.created_at : undefined;
    this.counted = 0;
    for (const [id, created] of this.come) if (this.isNew(id, created)) this.counted += 1;
  }

  /** Takes as long as there are items, however many have come before. */
  take(items: readonly LiveItem[]): void {
    for (const { event, data } of items) {
      if (event !== 'order:updated' || this.known.has(data.id)) continue;
      const had = this.come.has(data.id);
      if (had === belongs(this.filter, data)) continue;
      if (had) this.come.delete(data.id);
      else this.come.set(data.id, data.created_at);
      if (this.isNew(data.id, data.created_at)) this.counted += had ? -1 : 1;
    }
  }

  clear(): void {
    this.come.clear();
    this.counted = 0;
  }

  private isNew(id: string, created: string): boolean {
    return !this.known.has(id) && (this.last === undefined || created >= this.last);
  }
}
