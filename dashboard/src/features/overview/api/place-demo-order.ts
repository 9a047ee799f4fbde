import { client, type Schemas, take } from '@/shared/api/client';

const DEMO_SKU = 'demo-tea';

/** An order for one piece of what is in stock; where nothing is, some is put there first. */
export async function placeDemoOrder(): Promise<Schemas['Order']> {
  const stock = await take(client.GET('/v1/inventory', { params: { query: { limit: 50 } } }));
  const item = stock.data.find((one) => one.available > 0) ?? (await putDemoStock());
  const body: Schemas['OrderRequest'] = {
    customer_id: 'demo',
    currency: 'EUR',
    lines: [
      { sku: item.sku, ...(item.title && { title: item.title }), quantity: 1, unit_price: 890 },
    ],
    adjustments: [{ kind: 'shipping', amount: 490 }],
    ship_to: {
      name: 'Demo Customer',
      line1: '1 Example Street',
      city: 'Exampleton',
      postal_code: '10115',
      country: 'DE',
    },
    payment_method: 'pm_ok',
  };
  const header = { 'Idempotency-Key': `"demo-${crypto.randomUUID()}"` };
  return take(client.POST('/v1/orders', { params: { header }, body }));
}

function putDemoStock(): Promise<Schemas['StockItem']> {
  return take(
    client.PUT('/v1/inventory/{sku}', {
      params: { path: { sku: DEMO_SKU } },
      body: { on_hand: 100, title: 'Demo tea, 100 g' },
    }),
  );
}

export function demoCurl(origin: string): string {
  return `curl -sS -X PUT ${origin}/v1/inventory/${DEMO_SKU} \\
  -H 'Content-Type: application/json' -d '{"on_hand": 100, "title": "Demo tea, 100 g"}'
curl -sS ${origin}/v1/orders \\
  -H 'Content-Type: application/json' -H "Idempotency-Key: \\"demo-$(date +%s%N)\\"" \\
  -d '{"customer_id":"demo","currency":"EUR","payment_method":"pm_ok",
       "lines":[{"sku":"${DEMO_SKU}","quantity":1,"unit_price":890}],
       "ship_to":{"name":"Demo Customer","line1":"1 Example Street","city":"Exampleton",
                  "postal_code":"10115","country":"DE"}}'`;
}
