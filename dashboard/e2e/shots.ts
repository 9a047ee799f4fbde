// Screenshots of pages and states, to look at: shots.ts [WORD...] takes those that have a word.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launch, open } from './browser.ts';
import { Program, WAITING } from './program.ts';

const folder = fileURLToPath(new URL('../shots', import.meta.url));
const words = process.argv.slice(2);

const full = new Program('demo', ['--rate', '6']);
const empty = new Program();
const one = new Program();
/** Sixty attempts in a moment. */
const tried = new Program('serve', [
  ...['--retry-base-delay-ms', '20', '--retry-cap-ms', '60', '--retry-max-attempts', '100'],
  ...['--retry-budget-per-second', '1000', '--breaker-error-percent', '100'],
]);
const programs = [full, empty, one, tried];
const MANY_LINES = Array.from({ length: 200 }, (_, i) => ({
  sku: `SKU-${i}`,
  title: `A thing with number ${i}`,
  quantity: (i % 9) + 1,
  unit_price: 100 + i,
}));
const FOREIGN = {
  customer_id: 'a-customer-with-a-very-long-name-that-does-not-fit-anywhere',
  reference: 'R-2026-11-26-with-a-very-long-reference-of-the-shop-0001',
  currency: 'KWD',
  lines: [{ sku: 'gold', title: 'قلادة ذهبية', quantity: 1_000, unit_price: 999_999_999 }],
  ship_to: {
    name: 'عبد الرحمن بن محمد',
    line1: 'شارع الملك فهد ١٢٣',
    city: 'الكويت',
    postal_code: '13001',
    country: 'KW',
  },
};

await Promise.all(programs.map((program) => program.start()));
mkdirSync(folder, { recursive: true });
await Promise.all([full, one, tried].map((program) => program.stock('tea', 1_000, 'Earl Grey')));
await full.stock('gold', 1_000_000, 'قلادة ذهبية');
for (const { sku, title } of MANY_LINES) await full.stock(sku, 1_000, title);
const failing = await full.place({ payment_method: 'pm_flaky_7', reference: 'R-failing' });
const long = await full.place({ lines: MANY_LINES, reference: 'R-200-lines' });
const foreign = await full.place(FOREIGN);
const out = await full.place({ lines: [{ sku: 'tea', quantity: 2_000, unit_price: 890 }] });
const declined = await full.place({ payment_method: 'pm_declined' });
const stuck = await full.place({
  payment_method: 'pm_capture_declined',
  ship_to: { ...WAITING.ship_to, postal_code: 'SBX-NO-CANCEL' },
});
const often = await tried.place({ payment_method: 'pm_flaky_60', reference: 'R-60-attempts' });
for (let i = 0; i < 12; i += 1) {
  const ids = await tried.place({ payment_method: 'pm_garbage', reference: `R-dead-${i}` });
  await tried.until(ids, 'dead_lettered');
}
const dead = await tried.place({ payment_method: 'pm_garbage', reference: 'R-dead' });
await one.place({ reference: 'R-only' });
await tried.until(often, 'completed');

const press = (key: string) => (page: Page) => page.keyboard.press(key);
const select = async (page: Page) => {
  for (const box of (await page.getByRole('checkbox').all()).slice(1, 4)) await box.check();
};
const ask = (name: string) => async (page: Page) => {
  await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('dialog').waitFor();
};

interface Shot {
  name: string;
  server: Program;
  path: string;
  act?: (page: Page) => Promise<unknown>;
}

const SHOTS: Shot[] = [
  { name: 'overview', server: full, path: '/' },
  { name: 'overview-empty', server: empty, path: '/' },
  { name: 'overview-one', server: one, path: '/' },
  { name: 'palette', server: full, path: '/', act: press('Control+k') },
  { name: 'help', server: full, path: '/', act: press('?') },
  { name: 'orders', server: full, path: '/orders' },
  { name: 'orders-one', server: one, path: '/orders' },
  { name: 'orders-empty', server: empty, path: '/orders' },
  { name: 'orders-no-match', server: full, path: '/orders?q=customer:nobody' },
  { name: 'orders-mistake', server: full, path: '/orders?q=state:failed' },
  { name: 'orders-selected', server: full, path: '/orders', act: select },
  { name: 'orders-retrying', server: full, path: '/orders?q=reference:R-failing' },
  { name: 'order-failing', server: full, path: `/orders/${failing}?mode=attempts` },
  { name: 'order-events', server: full, path: `/orders/${failing}?mode=events&event=3` },
  { name: 'order-past', server: full, path: `/orders/${failing}?version=3` },
  { name: 'order-200-lines', server: full, path: `/orders/${long}` },
  { name: 'order-right-to-left', server: full, path: `/orders/${foreign}` },
  { name: 'order-out-of-stock', server: full, path: `/orders/${out}` },
  { name: 'order-declined', server: full, path: `/orders/${declined}` },
  { name: 'order-stuck', server: full, path: `/orders/${stuck}` },
  { name: 'order-60-attempts', server: tried, path: `/orders/${often}?mode=attempts` },
  { name: 'order-60-calls', server: tried, path: `/orders/${often}?tab=attempts` },
  { name: 'order-dead', server: tried, path: `/orders/${dead}` },
  { name: 'order-change', server: tried, path: `/orders/${dead}`, act: ask('Change and retry') },
  { name: 'order-cancel', server: tried, path: `/orders/${dead}`, act: ask('Cancel order') },
  { name: 'order-unknown', server: full, path: '/orders/ord_00000000000000000000000000' },
  { name: 'new-order', server: full, path: '/orders/new' },
  { name: 'new-order-refused', server: full, path: '/orders/new', act: click('Place order') },
  { name: 'dead-letters', server: tried, path: '/dead-letters' },
  { name: 'dead-letters-retry', server: tried, path: '/dead-letters', act: ask('Retry all') },
  { name: 'dead-letters-empty', server: empty, path: '/dead-letters' },
  { name: 'no-such-page', server: full, path: '/no/such/page' },
];

/** A button without a dialog. */
function click(name: string) {
  return (page: Page) => page.getByRole('button', { name, exact: true }).click();
}

async function shoot(name: string, page: Page, theme: string, width: number) {
  await page.waitForTimeout(1_200); // for the charts to have something
  await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
}

const browser = await launch();
try {
  for (const { name, server, path, act } of SHOTS) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [390, 1440]) {
        const { page, close } = await open(browser, server.url + path, {
          colorScheme: theme,
          viewport: { width, height: width === 390 ? 844 : 900 },
        });
        await page.locator('[data-slot="skeleton"]').first().waitFor({ state: 'detached' });
        await page.getByRole('button', { name: 'Theme' }).waitFor();
        await act?.(page);
        await shoot(name, page, theme, width);
        await close();
      }
    }
    console.log(name);
  }
} finally {
  await browser.close();
  await Promise.all(programs.map((program) => program.close()));
}
