// Everything that matters without a pointer: place, find, open, hold, release, retry, cancel. Focus
// can be seen wherever it is.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, open } from './browser.ts';
import { HOUR, Program, WAITING } from './program.ts';

const TABS_MAX = 60;

const program = new Program('serve', HOUR);
let browser: Browser;

before(async () => {
  await program.start();
  await program.stock('tea', 1_000, 'Earl Grey, 100 g');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await program.close();
});

interface Focused {
  name: string;
  isVisible: boolean;
}

function focused(page: Page): Promise<Focused> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const label = element?.id ? document.querySelector(`label[for="${element.id}"]`) : null;
    const name =
      element?.getAttribute('aria-label') ?? label?.textContent ?? element?.textContent ?? '';
    const { outlineStyle, outlineWidth } = getComputedStyle(element ?? document.body);
    return { name: name.trim(), isVisible: outlineStyle !== 'none' && outlineWidth !== '0px' };
  });
}

/** Goes on with Tab until it is there; wherever it comes by, one can see where one is. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < TABS_MAX; i += 1) {
    const now = await focused(page);
    if (i > 0) assert.ok(now.isVisible, `focus cannot be seen on "${now.name}"`);
    if (now.name === name) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not come to "${name}"`);
}

async function fill(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.type(text);
}

it('places an order, and finds it', async () => {
  const { page, check, close } = await open(browser, `${program.url}/`);
  await page.locator('[data-live="live"]').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await page.getByRole('heading', { name: 'New order' }).waitFor();
  await fill(page, 'Customer', 'c-keys');
  await fill(page, 'SKU', 'tea');
  await fill(page, 'Unit price', '8.90');
  await fill(page, 'Name', 'Ada Example');
  await fill(page, 'Street', 'Main Street 1');
  await fill(page, 'Postal code', '10115');
  await fill(page, 'City', 'Berlin');
  await fill(page, 'Country', 'DE');
  await page.keyboard.press('Enter');
  await page.locator('header [data-status="completed"]').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByRole('heading', { name: 'Orders' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('customer:c-keys');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.locator('[data-row-index="0"]').waitFor();
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement?.closest('[data-row-index]'));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/orders\/ord_/);
  const { data } = await program.ask('/v1/orders?customer_id=c-keys');
  const orders = data as { id: string; status: string; total: number }[];
  assert.deepEqual(
    orders.map(({ id, status, total }) => [id, status, total]),
    [[page.url().split('/').at(-1), 'completed', 890]],
  );
  check();
  await close();
});

/** What the dialog offers, from the key that opens it to the one that does it. */
async function confirm(page: Page, label: string): Promise<void> {
  await page.getByRole('dialog').waitFor();
  await tabTo(page, label);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function press(page: Page, label: string): Promise<void> {
  await page.getByRole('button', { name: label, exact: true }).waitFor();
  await tabTo(page, label);
  await page.keyboard.press('Enter');
  await confirm(page, label);
}

/** The focus is back among the order's actions, even where the button that had it is gone. */
async function focusIsBack(page: Page): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.closest('header:has(h1)'));
  assert.ok((await focused(page)).isVisible, 'the focus cannot be seen');
}

it('holds, releases, retries and cancels', async () => {
  const id = await program.place(WAITING);
  const { page, check, expectConsole, close } = await open(browser, `${program.url}/orders/${id}`);
  expectConsole(/422/);
  const status = (name: string) => page.locator(`header [data-status="${name}"]`).waitFor();
  // What is wrong is where the focus is then.
  await page.getByRole('button', { name: 'Hold', exact: true }).waitFor();
  await tabTo(page, 'Hold');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await fill(page, 'Reason (a code, optional)', 'no code!');
  await tabTo(page, 'Hold');
  await page.keyboard.press('Enter');
  await page.locator('[aria-invalid="true"]:focus').waitFor();
  assert.equal((await program.ask(`/v1/orders/${id}`)).status, 'processing');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await press(page, 'Hold');
  await status('on_hold');
  await focusIsBack(page);
  assert.equal((await program.ask(`/v1/orders/${id}`)).status, 'on_hold');
  await press(page, 'Release');
  await status('processing');
  await page.getByRole('button', { name: 'Retry now' }).waitFor();
  const failed = (count: number) =>
    page.locator('[data-step="book_shipment"]').getByText(`${count} failed`).waitFor();
  await failed(1);
  const released = await program.ask(`/v1/orders/${id}`);
  assert.deepEqual([released.status, released.attempts], ['processing', 1]);
  await page.keyboard.press('r');
  await confirm(page, 'Retry now');
  await failed(2);
  assert.equal((await program.ask(`/v1/orders/${id}`)).attempts, 2, 'tried again at once');
  await page.keyboard.press('c');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('c');
  await confirm(page, 'Cancel order');
  await status('cancelled');
  await focusIsBack(page);
  assert.equal((await program.ask(`/v1/orders/${id}`)).status, 'cancelled');
  await page.locator('[data-announcer]').getByText('Order cancelled').waitFor();
  check();
  await close();
});
