import { infiniteQueryOptions } from '@tanstack/react-query';
import { client, take } from '@/shared/api/client';
import type { Live } from '@/shared/live/live';

const PAGE = 50;

/** The dead letters with one cause. */
export function readGroup(live: Live, fingerprint: string) {
  return infiniteQueryOptions({
    queryKey: ['dead-letters', 'list', fingerprint],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { fingerprint, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      const page = await take(client.GET('/v1/dead-letters', { params: { query }, signal }));
      live.orders.put(page.data);
      return page;
    },
    getNextPageParam: (page) => (page.has_more ? (page.next_cursor ?? undefined) : undefined),
    staleTime: 5_000,
  });
}

/** The ids of a whole group, as many as are wanted. */
export async function readIds(fingerprint: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  while (ids.length < count) {
    const limit = Math.min(200, count - ids.length);
    const query = { fingerprint, limit, ...(cursor && { cursor }) };
    const page = await take(client.GET('/v1/dead-letters', { params: { query } }));
    ids.push(...page.data.map((row) => row.id));
    if (!page.has_more || page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  return ids;
}
