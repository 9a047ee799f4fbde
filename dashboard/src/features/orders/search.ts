import { compact, type RawSearch, text } from '@/shared/lib/search-params';

export interface OrdersSearch {
  /** As `conveyor orders list` takes it. */
  q?: string | undefined;
  /** Only orders whose standing failure is this one. */
  fingerprint?: string | undefined;
  /** Names with commas; absent: the usual ones. */
  columns?: string | undefined;
}

export function ordersSearch(raw: RawSearch): OrdersSearch {
  return compact({
    q: text(raw.q),
    fingerprint: text(raw.fingerprint),
    columns: text(raw.columns),
  });
}
