import type { components } from '@/shared/api/schema.gen';

type Problem = components['schemas']['Problem'];

export interface FieldError {
  pointer: string;
  code: string;
  detail: string;
}

/** What went wrong, as RFC 9457 has it, or that there was no answer at all. */
export class ApiError extends Error {
  readonly isOffline: boolean;
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | undefined;
  readonly retryable: boolean;
  readonly fields: readonly FieldError[];

  constructor(parts: {
    isOffline?: boolean;
    status: number;
    code: string;
    title: string;
    detail: string;
    requestId?: string | undefined;
    retryable: boolean;
    fields?: readonly FieldError[];
    cause?: unknown;
  }) {
    super(`${parts.title}: ${parts.detail}`, { cause: parts.cause });
    this.name = 'ApiError';
    this.isOffline = parts.isOffline ?? false;
    this.status = parts.status;
    this.code = parts.code;
    this.title = parts.title;
    this.detail = parts.detail;
    this.requestId = parts.requestId;
    this.retryable = parts.retryable;
    this.fields = parts.fields ?? [];
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

export function offlineError(cause: unknown): ApiError {
  return new ApiError({
    isOffline: true,
    status: 0,
    code: 'offline',
    title: 'The server cannot be reached',
    detail: 'There was no answer.',
    retryable: true,
    cause,
  });
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'title' in value;
}

/** What is wrong with a value, as it stands beside its field. */
function sentence(detail: string): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
}

/** The problem of an answer that is no success. A proxy's error has no problem document. */
export function problemOf(body: unknown, response: Response): ApiError {
  const requestId = response.headers.get('request-id') ?? undefined;
  if (isProblem(body)) {
    return new ApiError({
      status: response.status,
      code: body.code,
      title: body.title,
      detail: body.detail,
      requestId: body.request_id ?? requestId,
      retryable: body.retryable,
      fields: (body.errors ?? []).map((e) => ({
        pointer: e.pointer,
        code: e.code,
        detail: sentence(e.detail),
      })),
    });
  }
  const isGateway = response.status === 502 || response.status === 504;
  return new ApiError({
    isOffline: isGateway,
    status: response.status,
    code: 'unexpected_answer',
    title: isGateway ? 'The server cannot be reached' : 'An answer that is not understood',
    detail: `HTTP ${response.status}${response.statusText ? ` ${response.statusText}` : ''}`,
    requestId,
    retryable: response.status >= 500,
  });
}
