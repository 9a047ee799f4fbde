import { client, type Schemas, take } from '@/shared/api/client';

/** The same key for the same form, however often it is sent: one order. */
export function placeOrder(
  body: Schemas['OrderRequest'],
  idempotencyKey: string,
): Promise<Schemas['Order']> {
  return take(
    client.POST('/v1/orders', {
      params: { header: { 'Idempotency-Key': `"${idempotencyKey}"` } },
      body,
    }),
  );
}
