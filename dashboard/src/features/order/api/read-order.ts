import { queryOptions } from '@tanstack/react-query';
import { client, type Schemas, take } from '@/shared/api/client';
import { isFinal } from '@/shared/domain/vocabulary';
import type { OrderEvent } from '@/shared/live/transport';

const PAGE = 200;
/** Pages that are read of an order's events or attempts: more than any order should ever have. */
const PAGES_MAX = 10;
const DIAGNOSIS_EVERY_MS = 3_000;

const key = (id: string, ...rest: unknown[]) => ['order', id, ...rest];

export function readOrder(id: string, version?: number) {
  return queryOptions({
    queryKey: key(id, 'order', version ?? 'now'),
    queryFn: ({ signal }) =>
      take(
        client.GET('/v1/orders/{id}', {
          params: { path: { id }, query: version === undefined ? {} : { version } },
          signal,
        }),
      ),
    staleTime: version === undefined ? 0 : Number.POSITIVE_INFINITY,
  });
}

async function allPages<T>(
  read: (cursor: string | undefined) => Promise<{
    data: T[];
    next_cursor: string | null;
    has_more: boolean;
  }>,
): Promise<{ data: T[]; isComplete: boolean }> {
  const data: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await read(cursor);
    data.push(...answer.data);
    if (!answer.has_more || answer.next_cursor === null) return { data, isComplete: true };
    cursor = answer.next_cursor;
  }
  return { data, isComplete: false };
}

export function readEvents(id: string) {
  return queryOptions({
    queryKey: key(id, 'events'),
    queryFn: ({ signal }) =>
      allPages<OrderEvent>((cursor) =>
        take(
          client.GET('/v1/orders/{id}/events', {
            params: { path: { id }, query: { limit: PAGE, ...(cursor && { cursor }) } },
            signal,
          }),
        ),
      ),
    staleTime: 0,
  });
}

export function readAttempts(id: string) {
  return queryOptions({
    queryKey: key(id, 'attempts'),
    queryFn: ({ signal }) =>
      allPages<Schemas['Attempt']>((cursor) =>
        take(
          client.GET('/v1/orders/{id}/attempts', {
            params: { path: { id }, query: { limit: PAGE, ...(cursor && { cursor }) } },
            signal,
          }),
        ),
      ),
    staleTime: 0,
  });
}

/** Asked again while the order waits: breakers and budgets move without an event of the order. */
export function readDiagnosis(id: string) {
  return queryOptions({
    queryKey: key(id, 'diagnosis'),
    queryFn: ({ signal }) =>
      take(client.GET('/v1/orders/{id}/diagnosis', { params: { path: { id } }, signal })),
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data && !isFinal(state.data.status) ? DIAGNOSIS_EVERY_MS : false,
  });
}

export function readReservations(id: string) {
  return queryOptions({
    queryKey: key(id, 'reservations'),
    queryFn: ({ signal }) =>
      take(
        client.GET('/v1/reservations', { params: { query: { order_id: id, limit: 50 } }, signal }),
      ),
    staleTime: 0,
  });
}

export function readContact(id: string) {
  return queryOptions({
    queryKey: key(id, 'contact'),
    queryFn: ({ signal }) =>
      take(client.GET('/v1/orders/{id}/contact', { params: { path: { id } }, signal })),
    staleTime: 0,
  });
}
