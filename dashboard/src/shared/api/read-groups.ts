import { queryOptions } from '@tanstack/react-query';
import { client, take } from '@/shared/api/client';

const EVERY_MS = 3_000;

/** Dead letters by their cause. */
export const readGroups = queryOptions({
  queryKey: ['dead-letters', 'groups'],
  queryFn: ({ signal }) => take(client.GET('/v1/dead-letters/groups', { signal })),
  refetchInterval: EVERY_MS,
});
