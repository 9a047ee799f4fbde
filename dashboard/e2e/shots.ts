// Screenshots of pages and states, to look at: shots.ts [WORD...] takes those that have a word.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launch, open } from './browser.ts';
import { Program, WAITING } from './program.ts';

const folder = fileURLToPath(new URL('../shots', import.meta.url));
const words = process.argv.slice(2);

const full = new Program('demo', ['--rate', '6', '--retry-max-attempts', '100']);
const empty = new Program();
const one = new Program();
/** Sixty attempts in a moment. */
const tried = new Program('serve', [
  ...['--retry-base-delay-ms', '20', '--retry-cap-ms', '60', '--retry-max-attempts', '80'],
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
await Promise.all([full, tried].map((program) => program.stock('gold', 1_000_000, 'قلادة ذهبية')));
for (const { sku, title } of MANY_LINES) await full.stock(sku, 1_000, title);
const failing = await full.place({ ...WAITING, reference: 'R-failing' });
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
await tried.place({ ...FOREIGN, payment_method: 'pm_garbage' });
await tried.until(await tried.place(WAITING), 'dead_lettered');
await one.place({ reference: 'R-only' });
await tried.until(often, 'completed');

const TALLEST = 4_000;
const press = (key: string) => (page: Page) => page.keyboard.press(key);
const select = async (page: Page) => {
  for (const box of (await page.getByRole('checkbox').all()).slice(1, 4)) await box.check();
};
const ask = (name: string) => async (page: Page) => {
  await page.getByRole('button', { name, exact: true }).first().click();
  await page.getByRole('dialog').waitFor();
};

const find = (text: string) => async (page: Page) => {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type(text);
};
const FILTER = '-status:completed -step:book_shipment customer:demo-7 created:>2026-01-01';
const EVERY_COLUMN =
  'status,step,failure,next,attempts,customer,total,created,updated,health,version,run,correlation';

interface Shot {
  name: string;
  server: Program;
  path: string;
  /** Before the page is opened. */
  before?: (page: Page) => Promise<unknown>;
  act?: (page: Page) => Promise<unknown>;
  /** Taken before the page is whole. */
  isLoading?: boolean;
  /** The server is away, and comes back behind the picture. */
  isCut?: boolean;
}

/** Answers that never come. */
const hold = (reads: string) => (page: Page) => page.route(reads, () => undefined);
const fail = (reads: string) => (page: Page) =>
  page.route(reads, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      json: {
        title: 'The store is not available',
        detail: 'It takes no writes until there is room again.',
        status: 503,
        code: 'store_unavailable',
        request_id: 'req_01m8ceyme4eeb9fzqe96amdw2w',
        retryable: false,
      },
    }),
  );

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
  {
    name: 'orders-preview',
    server: full,
    path: '/orders',
    act: async (page) => {
      await select(page);
      await ask('Cancel order')(page);
      await page.getByText('can be done').waitFor();
    },
  },
  { name: 'orders-filtered', server: full, path: `/orders?q=${encodeURIComponent(FILTER)}` },
  { name: 'orders-long', server: full, path: `/orders?q=reference:${FOREIGN.reference}` },
  { name: 'orders-columns', server: full, path: `/orders?columns=${EVERY_COLUMN}` },
  { name: 'orders-paused', server: full, path: '/orders', act: press('p') },
  { name: 'palette-no-match', server: full, path: '/', act: find('nothing like this') },
  { name: 'orders-retrying', server: full, path: '/orders?q=reference:R-failing' },
  { name: 'order-failing', server: full, path: `/orders/${failing}?mode=attempts` },
  { name: 'order-events', server: full, path: `/orders/${failing}?mode=events&event=3` },
  { name: 'order-past', server: full, path: `/orders/${failing}?version=3` },
  { name: 'order-200-lines', server: full, path: `/orders/${long}` },
  { name: 'order-all-lines', server: full, path: `/orders/${long}`, act: click('All 200 lines') },
  { name: 'order-json', server: full, path: `/orders/${foreign}?tab=json` },
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
  { name: 'dead-letters-done', server: tried, path: '/dead-letters?group=no:such:failure' },
  { name: 'dead-letters-empty', server: empty, path: '/dead-letters' },
  ...[
    { name: 'overview', server: tried, path: '/', reads: '**/v1/pipeline*' },
    { name: 'orders', server: tried, path: '/orders', reads: '**/v1/orders?*' },
    { name: 'order', server: tried, path: `/orders/${dead}`, reads: '**/v1/orders/ord_*' },
    { name: 'dead-letters', server: tried, path: '/dead-letters', reads: '**/groups' },
    { name: 'new-order', server: tried, path: '/orders/new', reads: '**/v1/inventory?*' },
  ].flatMap(({ name, reads, ...rest }): Shot[] => [
    { ...rest, name: `${name}-loading`, before: hold(reads), isLoading: true },
    { ...rest, name: `${name}-error`, before: fail(reads) },
    { ...rest, name: `${name}-offline`, isCut: true },
  ]),
  {
    name: 'dead-letters-open',
    server: tried,
    path: '/dead-letters',
    act: click('Show the orders'),
  },
  { name: 'no-such-page', server: full, path: '/no/such/page' },
];

/** A button without a dialog. */
function click(name: string) {
  return (page: Page) => page.getByRole('button', { name, exact: true }).first().click();
}

/** As high as the page is long, so that all of it can be looked at. */
async function grow(page: Page, width: number) {
  const left = await page.evaluate(() => {
    const main = document.querySelector('main');
    return main ? main.scrollHeight - main.clientHeight : 0;
  });
  const height = page.viewportSize()?.height ?? 0;
  if (left > 0) await page.setViewportSize({ width, height: Math.min(height + left, TALLEST) });
}

async function shoot(name: string, page: Page, theme: string, width: number) {
  await page.waitForTimeout(1_200); // for the charts to have something
  await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
}

const browser = await launch();
try {
  for (const { name, server, path, before, act, isLoading, isCut } of SHOTS) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [390, 1440]) {
        const { page, close } = await open(browser, 'about:blank', {
          colorScheme: theme,
          viewport: { width, height: width === 390 ? 844 : 900 },
        });
        await before?.(page);
        await page.goto(server.url + path);
        if (!isLoading) {
          await page.locator('[data-slot="skeleton"]').first().waitFor({ state: 'detached' });
        }
        await page.getByRole('button', { name: 'Theme' }).waitFor();
        await act?.(page);
        if ((await page.getByRole('dialog').count()) === 0) await grow(page, width);
        if (isCut) {
          await page.locator('[data-live="live"]').waitFor();
          await server.stop('SIGKILL');
          await page.locator('[data-live]:not([data-live="live"])').waitFor();
        }
        await shoot(name, page, theme, width);
        if (isCut) await server.start();
        await close();
      }
    }
    console.log(name);
  }
} finally {
  await browser.close();
  await Promise.all(programs.map((program) => program.close()));
}
