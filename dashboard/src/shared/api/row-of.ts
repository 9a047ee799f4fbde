import type { Schemas } from '@/shared/api/client';

/** An order as the list has it, out of the whole order. */
export function rowOf(order: Schemas['Order']): Schemas['OrderSummary'] {
  const isDead = order.status === 'dead_lettered';
  return {
    id: order.id,
    ...(order.reference !== undefined && { reference: order.reference }),
    customer_id: order.customer_id,
    currency: order.currency,
    currency_exponent: order.currency_exponent,
    total: order.total,
    status: order.status,
    health: order.health,
    step: order.step,
    run: order.run,
    generation: order.generation,
    attempts: order.attempts,
    version: order.version,
    created_at: order.created_at,
    updated_at: order.updated_at,
    ...(order.next_attempt_at !== undefined && { next_attempt_at: order.next_attempt_at }),
    ...(order.last_failure && { fingerprint: order.last_failure.fingerprint }),
    ...(isDead && order.undo_at !== undefined && { undo_at: order.undo_at }),
    correlation_id: order.correlation_id,
  };
}
