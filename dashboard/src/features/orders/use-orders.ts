import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { belongs, type ListFilter, listOrders, rowsOf } from '@/features/orders/api/list-orders';
import { announce } from '@/shared/lib/announce';
import { useLive, useRoom } from '@/shared/live/hooks';
import type { LiveItem, OrderRow } from '@/shared/live/transport';

/** Pages that are read in a row where what is excluded here leaves too few rows to fill a screen. */
const PAGES_IN_A_ROW = 10;
const ROWS_WANTED = 40;

/** The list, and how many orders have come since that belong to it. */
export function useOrders(filter: ListFilter) {
  const live = useLive();
  const options = listOrders(live, filter);
  const list = useInfiniteQuery(options);
  const rows = useMemo(() => rowsOf(list.data, filter), [list.data, filter]);
  const { hasNextPage, isFetching, isError, fetchNextPage } = list;
  const fresh = useFresh(filter, rows, hasNextPage, JSON.stringify(options.queryKey));
  const pages = list.data?.pages.length ?? 0;
  const isTooFew = rows.length < ROWS_WANTED && hasNextPage && pages < PAGES_IN_A_ROW;
  useEffect(() => {
    if (isTooFew && !isFetching && !isError) void fetchNextPage();
  }, [isTooFew, isFetching, isError, fetchNextPage]);
  useRoom('orders', {
    onItems: fresh.take,
    onResync: () => list.refetch({ throwOnError: true }),
  });
  return { list, rows, fresh: fresh.count, showFresh: fresh.clear };
}

/**
 * Orders that belong to the list and are not in it: placed since, or belonging since. What was placed
 * before the last row that is loaded comes when the list is read further.
 */
function useFresh(filter: ListFilter, rows: readonly OrderRow[], hasMore: boolean, key: string) {
  const [come, setCome] = useState<ReadonlyMap<string, string>>(new Map());
  const known = useMemo(() => new Set(rows.map((row) => row.id)), [rows]);
  const last = hasMore ? rows.at(-1)?.created_at : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins with nothing new
  useEffect(() => setCome(new Map()), [key]);
  const take = (items: readonly LiveItem[]) => {
    const next = new Map(come);
    for (const { event, data } of items) {
      if (event !== 'order:updated' || known.has(data.id)) continue;
      if (belongs(filter, data)) next.set(data.id, data.created_at);
      else next.delete(data.id);
    }
    const more = next.size - come.size;
    if (more === 0 && [...next.keys()].every((id) => come.has(id))) return;
    setCome(next);
    if (more > 0) announce(`${more} new ${more === 1 ? 'order' : 'orders'}`);
  };
  const count = useMemo(
    () =>
      [...come].filter(([id, created]) => !known.has(id) && (last === undefined || created >= last))
        .length,
    [come, known, last],
  );
  return { count, take, clear: () => setCome(new Map()) };
}
