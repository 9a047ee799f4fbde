import { client, type Schemas, take } from '@/shared/api/client';
import type { ActionName } from '@/shared/domain/vocabulary';

export interface ActionRequest {
  orderId: string;
  action: ActionName;
  /** The version that somebody has seen and decided on. What is done to an order as it happens to
   * be, such as a hold, holds for whatever it has become meanwhile: each retry makes a version. */
  version: number;
  reason?: string | undefined;
  changes?: Schemas['Changes'] | undefined;
  externalReference?: string | undefined;
}

const OF_A_VERSION: ReadonlySet<ActionName> = new Set<ActionName>([
  'retry-with-changes',
  'restart',
  'compensate',
  'resolve',
]);

/** Does it, and gives the order as it is then. */
export function act(request: ActionRequest): Promise<Schemas['Order']> {
  const params = {
    path: { id: request.orderId },
    header: {
      'Conveyor-Actor': 'dashboard',
      ...(OF_A_VERSION.has(request.action) && { 'If-Match': `"${request.version}"` }),
    },
  };
  const plain = { ...(request.reason && { reason: request.reason }) };
  const changed = { ...plain, ...(request.changes && { changes: request.changes }) };
  switch (request.action) {
    case 'cancel':
      return take(client.POST('/v1/orders/{id}/cancel', { params, body: plain }));
    case 'hold':
      return take(client.POST('/v1/orders/{id}/hold', { params, body: plain }));
    case 'release':
      return take(client.POST('/v1/orders/{id}/release', { params, body: plain }));
    case 'retry-now':
      return take(client.POST('/v1/orders/{id}/retry-now', { params, body: plain }));
    case 'retry':
    case 'retry-with-changes':
      return take(client.POST('/v1/orders/{id}/retry', { params, body: changed }));
    case 'restart':
      return take(client.POST('/v1/orders/{id}/restart', { params, body: changed }));
    case 'compensate':
      return take(client.POST('/v1/orders/{id}/compensate', { params, body: plain }));
    case 'resolve': {
      const body = { ...plain, external_reference: request.externalReference ?? '' };
      return take(client.POST('/v1/orders/{id}/resolve', { params, body }));
    }
  }
}
