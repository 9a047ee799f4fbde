import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { type ListFilter, listOrders, rowsOf } from '@/features/orders/api/list-orders';
import { readAnew } from '@/shared/api/read-anew';
import { useLive, useRoom } from '@/shared/live/hooks';

/** Pages that are read in a row where what is excluded here leaves too few rows to fill a screen. */
const PAGES_IN_A_ROW = 10;
const ROWS_WANTED = 40;

/** The list, read anew after a gap in the live feed; `key` tells one list from another. */
export function useOrders(filter: ListFilter) {
  const live = useLive();
  const queryClient = useQueryClient();
  const options = listOrders(live, filter);
  const list = useInfiniteQuery(options);
  const rows = useMemo(() => rowsOf(list.data, filter), [list.data, filter]);
  const { hasNextPage, isFetching, isError, fetchNextPage } = list;
  const pages = list.data?.pages.length ?? 0;
  const isTooFew = rows.length < ROWS_WANTED && hasNextPage && pages < PAGES_IN_A_ROW;
  useEffect(() => {
    if (isTooFew && !isFetching && !isError) void fetchNextPage();
  }, [isTooFew, isFetching, isError, fetchNextPage]);
  useRoom('orders', {
    onItems: () => undefined, // each row listens for itself
    onResync: () => readAnew(queryClient, { queryKey: options.queryKey, exact: true }),
  });
  return { list, rows, key: JSON.stringify(options.queryKey) };
}
