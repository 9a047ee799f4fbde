import type { QueryClient, QueryFilters } from '@tanstack/react-query';

/**
 * Reads what is shown anew. A first read that is under way is dropped: it would be taken for the new
 * one, though its answer may be older than what there is to be read.
 */
export async function readAnew(client: QueryClient, filters: QueryFilters): Promise<void> {
  await client.cancelQueries({
    ...filters,
    predicate: (query) => query.state.data === undefined && (filters.predicate?.(query) ?? true),
  });
  await client.invalidateQueries(filters, { throwOnError: true });
}
