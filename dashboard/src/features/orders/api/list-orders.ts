import { type InfiniteData, infiniteQueryOptions } from '@tanstack/react-query';
import { client, type Schemas, take } from '@/shared/api/client';
import { isWanted, matches, type OrderQuery, parametersOf } from '@/shared/domain/order-query';
import type { Live } from '@/shared/live/live';
import type { OrderRow } from '@/shared/live/transport';

const PAGE = 100;

export interface ListFilter {
  query: OrderQuery;
  fingerprint: string | undefined;
}

export type OrdersData = InfiniteData<Schemas['OrderPage'], unknown>;

export function listOrders(live: Live, filter: ListFilter) {
  const parameters = {
    ...parametersOf(filter.query),
    ...(filter.fingerprint !== undefined && { fingerprint: filter.fingerprint }),
  };
  return infiniteQueryOptions({
    queryKey: ['orders', 'list', parameters],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...parameters, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      const page = await take(client.GET('/v1/orders', { params: { query }, signal }));
      live.orders.put(page.data);
      return page;
    },
    getNextPageParam: (page) => (page.has_more ? (page.next_cursor ?? undefined) : undefined),
    staleTime: Number.POSITIVE_INFINITY, // rows change in place, by the live feed
    gcTime: 60_000,
  });
}

/** Each order once, without those that the server could not exclude. */
export function rowsOf(data: OrdersData | undefined, filter: ListFilter): OrderRow[] {
  const seen = new Set<string>();
  const rows: OrderRow[] = [];
  for (const row of data?.pages.flatMap((page) => page.data) ?? []) {
    if (seen.has(row.id)) continue;
    seen.add(row.id);
    if (isWanted(filter.query, row)) rows.push(row);
  }
  return rows;
}

/** Whether the list has the order, as it is now. */
export function belongs({ query, fingerprint }: ListFilter, row: OrderRow): boolean {
  return matches(query, row) && (fingerprint === undefined || row.fingerprint === fingerprint);
}

export function hasFilter({ query, fingerprint }: ListFilter): boolean {
  return (
    fingerprint !== undefined ||
    Object.keys(parametersOf(query)).length > 0 ||
    query.notSteps.length + query.notCustomers.length + query.notReferences.length > 0
  );
}
