import { queryOptions } from '@tanstack/react-query';
import { client, take } from '@/shared/api/client';

/** The last so many seconds; what follows comes with the live feed. */
export function readPipeline(seconds: number) {
  return queryOptions({
    queryKey: ['pipeline', seconds],
    queryFn: ({ signal }) =>
      take(client.GET('/v1/pipeline', { params: { query: { seconds } }, signal })),
    staleTime: 1_000,
    gcTime: 0, // a series with a gap is of no use
  });
}
