import { queryOptions } from '@tanstack/react-query';
import { client, take } from '@/shared/api/client';

const SHOWN = 200;

/** What is in stock: its first SKUs, to choose from; others can be typed. */
export const readCatalogue = queryOptions({
  queryKey: ['inventory', 'catalogue'],
  queryFn: ({ signal }) =>
    take(client.GET('/v1/inventory', { params: { query: { limit: SHOWN } }, signal })),
  refetchInterval: 10_000,
});
