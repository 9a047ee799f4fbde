// Screenshots of pages and states, to look at: shots.ts [WORD...] takes those that have a word.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, open } from './browser.ts';
import { Program } from './program.ts';

const folder = fileURLToPath(new URL('../shots', import.meta.url));
const words = process.argv.slice(2);

const full = new Program('demo', ['--rate', '6']);
const empty = new Program();
const MANY_LINES = Array.from({ length: 200 }, (_, i) => ({
  sku: `SKU-${i}`,
  title: `A thing with number ${i}`,
  quantity: (i % 9) + 1,
  unit_price: 100 + i,
}));

await Promise.all([full.start(), empty.start()]);
mkdirSync(folder, { recursive: true });
await full.stock('tea', 1_000, 'Earl Grey, 100 g');
for (const { sku, title } of MANY_LINES) await full.stock(sku, 1_000, title);
const failed = await full.place({ payment_method: 'pm_flaky_7' });
const long = await full.place({ lines: MANY_LINES, reference: 'R-200-lines' });
const foreign = await full.place({
  customer_id: 'a-customer-with-a-very-long-name-that-does-not-fit-anywhere',
  currency: 'KWD',
  lines: [{ sku: 'TEAPOT-BLUE', quantity: 1_000_000, unit_price: 999_999_999 }],
  ship_to: {
    name: 'عبد الرحمن بن محمد',
    line1: 'شارع الملك فهد ١٢٣',
    city: 'الكويت',
    postal_code: '13001',
    country: 'KW',
  },
});

const pages: [name: string, server: Program, path: string][] = [
  ['overview', full, '/'],
  ['overview-empty', empty, '/'],
  ['orders', full, '/orders'],
  ['orders-empty', empty, '/orders'],
  ['orders-no-match', full, '/orders?q=customer:nobody'],
  ['orders-mistake', full, '/orders?q=state:failed'],
  ['order-retrying', full, `/orders/${failed}?mode=attempts`],
  ['order-events', full, `/orders/${failed}?mode=events&event=3`],
  ['order-past', full, `/orders/${failed}?version=3`],
  ['order-200-lines', full, `/orders/${long}`],
  ['order-right-to-left', full, `/orders/${foreign}`],
  ['order-unknown', full, '/orders/ord_00000000000000000000000000'],
  ['new-order', full, '/orders/new'],
  ['dead-letters', full, '/dead-letters'],
  ['dead-letters-empty', empty, '/dead-letters'],
];

const browser = await launch();
try {
  for (const [name, server, path] of pages) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [390, 1440]) {
        const { page, close } = await open(browser, server.url + path, {
          colorScheme: theme,
          viewport: { width, height: width === 390 ? 844 : 900 },
        });
        await page.locator('[data-slot="skeleton"]').first().waitFor({ state: 'detached' });
        await page.waitForTimeout(1_500); // for the charts to have something
        await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
        await close();
      }
    }
    console.log(name);
  }
} finally {
  await browser.close();
  await Promise.all([full.close(), empty.close()]);
}
