// Five hundred orders wait for the same reason. From the overview, in at most three clicks: why,
// since when, what happens next and when, how many, and what to do; then all of them are retried
// from there, before the eyes.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Locator } from 'playwright-core';
import { launch, open } from './browser.ts';
import { HOUR, type Json, Program, QUICK } from './program.ts';

const ORDERS = 500;
const AT_A_TIME = 25;
/** Eight failures of five hundred orders, and as many retries. */
const HEAL_MS = 400_000;

// The retry budget would let the eighth attempts wait for minutes.
const program = new Program('serve', [...QUICK, '--retry-budget-per-second', '10000']);
const waiting = new Program('serve', HOUR);
let browser: Browser;

async function dead(): Promise<number> {
  const { data } = await program.ask('/v1/dead-letters/groups');
  return (data as { count: number }[]).reduce((sum, group) => sum + group.count, 0);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + HEAL_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('it takes too long');
    await sleep(200);
  }
}

async function placeAll(server: Program): Promise<void> {
  await server.start();
  await server.stock('tea', 10_000);
  for (let i = 0; i < ORDERS; i += AT_A_TIME) {
    const some = Array.from({ length: AT_A_TIME }, () =>
      server.place({ payment_method: 'pm_flaky_8' }),
    );
    await Promise.all(some);
  }
}

before(async () => {
  await placeAll(program);
  await placeAll(waiting);
  await until(async () => (await dead()) === ORDERS);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await Promise.all([program.close(), waiting.close()]);
});

async function textOf(place: Locator): Promise<string> {
  await place.waitFor();
  // biome-ignore lint/performance/useDomNodeTextContent: words of different elements are apart
  return (await place.innerText()).replaceAll(/\s+/g, ' ');
}

/** Clicks that count. */
function counted() {
  let clicks = 0;
  return {
    click: async (place: Locator) => {
      ++clicks;
      await place.click();
    },
    clicks: () => clicks,
  };
}

it('is answered while they are tried again', async () => {
  const { page, check, close } = await open(browser, `${waiting.url}/`);
  const { click, clicks } = counted();
  // How many, on the overview itself.
  const payment = page.locator('[data-stage="Payment"]');
  await payment.getByText(`${ORDERS} orders`).waitFor();
  await click(payment.locator('[data-step="authorize_payment"]'));
  await click(page.locator('[data-row-index="0"] a[href^="/orders/ord_"]').first());
  const diagnosis = page.locator('[data-diagnosis]');
  const text = await textOf(diagnosis);
  assert.match(text, /Cause .*issuer_unavailable/); // why
  assert.match(text, /, since \S/); // since when
  assert.match(text, /The next try/); // what happens next
  assert.match(text, /in (\d+ (h|min|s) ?)+/); // and when
  assert.match(text, /499 other open orders have the same failure/); // how many
  await page.getByRole('button', { name: 'Retry now', exact: true }).waitFor(); // what to do
  assert.ok(clicks() <= 3);
  const id = page.url().split('/').at(-1)?.split('?')[0];
  const said = await waiting.ask(`/v1/orders/${id}/diagnosis`);
  assert.equal((said.cause as Json).code, 'issuer_unavailable');
  assert.equal((said.others as Json).count, ORDERS - 1);
  check();
  await close();
});

it('is answered when the tries are used up, and all are retried from there', async () => {
  const { page, check, close } = await open(browser, `${program.url}/`);
  page.setDefaultTimeout(HEAL_MS);
  const { click, clicks } = counted();
  await click(page.getByRole('link', { name: 'Issuer unavailable' }));
  const group = page.locator('[data-group]');
  const text = await textOf(group);
  assert.match(text, /Payment was asked to authorize payment/); // why
  assert.match(text, /First \d\d:\d\d:\d\d/); // since when
  assert.match(text, /No try follows by itself/); // what happens next
  assert.match(text, /\b500\b/); // how many
  assert.match(text, /Retry once the cause is gone/); // what to do
  await click(group.getByRole('button', { name: 'Retry all' }));
  const dialog = page.getByRole('dialog');
  await click(dialog.getByRole('button', { name: `Retry (${ORDERS})` }));
  assert.ok(clicks() <= 3);
  await dialog.getByText(`${ORDERS} retried`).waitFor();
  // The group is gone behind the dialog, and the dialog with what became of each is not.
  await page.getByText('No dead letters').waitFor();
  await dialog.getByText(`${ORDERS} retried`).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await until(async () => {
    const { data } = await program.ask('/v1/orders?status=pending,processing,shipped&limit=1');
    return (data as unknown[]).length === 0;
  });
  assert.equal(await dead(), 0);
  const { data, has_more } = await program.ask('/v1/orders?status=failed,cancelled&limit=1');
  assert.deepEqual([data, has_more], [[], false], 'every one of them was completed');
  check();
  await close();
});
