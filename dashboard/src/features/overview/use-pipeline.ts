import { useQuery, useQueryClient } from '@tanstack/react-query';
import { readPipeline } from '@/features/overview/api/pipeline';
import { mergePipeline } from '@/features/overview/merge-pipeline';
import type { Schemas } from '@/shared/api/client';
import { readAnew } from '@/shared/api/read-anew';
import { useRoom } from '@/shared/live/hooks';

/** Read once, then a second at a time; read anew where a second is missing. */
export function usePipeline(seconds: number) {
  const queryClient = useQueryClient();
  const options = readPipeline(seconds);
  const pipeline = useQuery(options);
  useRoom('pipeline', {
    onItems: (items) => {
      const fresh = items.findLast((item) => item.event === 'pipeline:metrics');
      if (fresh?.event !== 'pipeline:metrics') return;
      const known = queryClient.getQueryData<Schemas['Pipeline']>(options.queryKey);
      const merged = known && mergePipeline(known, fresh.data, seconds);
      if (merged) queryClient.setQueryData(options.queryKey, merged);
      else if (!pipeline.isFetching) void pipeline.refetch();
    },
    onResync: () => readAnew(queryClient, { queryKey: options.queryKey, exact: true }),
  });
  return pipeline;
}
