import { queryOptions } from '@tanstack/react-query';
import { client, take } from '@/shared/api/client';

const EVERY_MS = 3_000;

/** Orders whose undo has stopped, or that a person has put on hold. */
export const readWaitingForPerson = queryOptions({
  queryKey: ['orders', 'waiting-for-person'],
  queryFn: ({ signal }) =>
    take(
      client.GET('/v1/orders', {
        params: { query: { status: ['needs_attention', 'on_hold'], limit: 6 } },
        signal,
      }),
    ),
  refetchInterval: EVERY_MS,
});

export const readAnyOrder = queryOptions({
  queryKey: ['orders', 'any'],
  queryFn: ({ signal }) =>
    take(client.GET('/v1/orders', { params: { query: { limit: 1 } }, signal })),
  refetchInterval: ({ state }) => (state.data?.data.length ? false : EVERY_MS),
});
