import createClient from 'openapi-fetch';
import { isApiError, offlineError, problemOf } from '@/shared/api/problem';
import type { components, paths } from '@/shared/api/schema.gen';
import { serverClock } from '@/shared/live/clock';

export type Schemas = components['schemas'];

/** A read that has no answer by then is told to be offline; the server answers within 30 s. */
const REQUEST_TIMEOUT_MS = 35_000;

async function fetchWithin(request: Request): Promise<Response> {
  const sent = Date.now();
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
  let response: Response;
  try {
    response = await fetch(request, { signal });
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw offlineError(cause);
  }
  serverClock.seen(response.headers.get('date'), sent, Date.now());
  return response;
}

/** Typed by the server's own document; scripts/generate-api makes the types. */
export const client = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? 'http://127.0.0.1' : location.origin,
  fetch: fetchWithin,
  querySerializer: { array: { style: 'form', explode: true } },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The connection ended, or the time, with half of the answer read. */
function isCut(cause: unknown): boolean {
  return cause instanceof TypeError || (cause as Error | undefined)?.name === 'TimeoutError';
}

/** The data of an answer; anything but success is thrown as an ApiError. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer.catch((cause: unknown) => {
    if (isApiError(cause) || !isCut(cause)) throw cause;
    throw offlineError(cause);
  });
  if (!response.ok || data === undefined) throw problemOf(error, response);
  return data;
}
