import { compact, type RawSearch, text } from '@/shared/lib/search-params';

export interface OrdersSearch {
  /** As `conveyor orders list` takes it. */
  q?: string | undefined;
  /** Only orders whose standing failure is this one. */
  fingerprint?: string | undefined;
  /** Only orders with a failure that stands. */
  retrying?: true | undefined;
  /** Names with commas; absent: the usual ones. */
  columns?: string | undefined;
}

export function ordersSearch(raw: RawSearch): OrdersSearch {
  return compact({
    q: text(raw.q),
    fingerprint: text(raw.fingerprint),
    retrying: raw.retrying === true || raw.retrying === 'true' ? true : undefined,
    columns: text(raw.columns),
  });
}
