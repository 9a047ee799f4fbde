// What people do from the beginning to the end, with what the API then says of it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, open, type Watched } from './browser.ts';
import { type Json, PATIENT, Program, WAITING } from './program.ts';

const program = new Program();
/** Waits long enough between tries for a person to see it. */
const slow = new Program('serve', ['--retry-base-delay-ms', '1500', '--retry-cap-ms', '2500']);
/** Whose orders stay open while their carrier is away. */
const patient = new Program('serve', PATIENT);
const all = [program, slow, patient];
let browser: Browser;

before(async () => {
  await Promise.all(all.map((one) => one.start()));
  await Promise.all(all.map((one) => one.stock('tea', 1_000, 'Earl Grey, 100 g')));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await Promise.all(all.map((one) => one.close()));
});

/** What is written into the fields of a new order. */
const ORDER = {
  SKU: 'tea',
  'Unit price': '8.90',
  Name: 'Ada Example',
  Street: 'Main Street 1',
  'Postal code': '10115',
  City: 'Berlin',
  Country: 'DE',
};

type Visit = (page: Page, watched: Watched) => Promise<void>;

async function at(path: string, visit: Visit, server = program) {
  const watched = await open(browser, server.url + path);
  try {
    await visit(watched.page, watched);
    watched.check();
  } finally {
    await watched.close();
  }
}

const status = (page: Page, name: string) =>
  page.locator(`header [data-status="${name}"]`).waitFor();

describe('an order', () => {
  it('is placed with the form, and completes before the eyes', async () => {
    await at('/orders/new', async (page) => {
      await page.getByRole('textbox', { name: 'Customer' }).fill('c-77');
      await page.getByLabel('Reference (optional)').fill('R-journey');
      await page.getByLabel('SKU').fill('tea');
      await page.getByText('Earl Grey, 100 g:').waitFor();
      await page.getByLabel('Quantity').fill('2');
      await page.getByLabel('Unit price').fill('8.90');
      await page.getByLabel('Name').fill('Ada Example');
      await page.getByLabel('Street').fill('Main Street 1');
      await page.getByLabel('Postal code').fill('10115');
      await page.getByLabel('City').fill('Berlin');
      await page.getByLabel('Country').fill('DE');
      await page.getByRole('button', { name: 'Place order' }).dblclick();
      await page.waitForURL(/\/orders\/ord_/);
      await status(page, 'completed');
      const { data } = await program.ask('/v1/orders?customer_id=c-77');
      const orders = data as { total: number; status: string }[];
      assert.equal(orders.length, 1, 'clicked twice, placed once');
      assert.deepEqual([orders[0]?.total, orders[0]?.status], [1780, 'completed']);
    });
  });

  it('that is placed wrongly says what is wrong beside each field', async () => {
    await at('/orders/new', async (page, watched) => {
      watched.expectConsole(/422/);
      const place = () => page.getByRole('button', { name: 'Place order' }).click();
      const wrong = () =>
        page
          .locator('[aria-invalid="true"]')
          .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('name')));
      const said = (label: string, text: string) =>
        page.locator('[data-slot="field"]', { hasText: label }).getByText(text).waitFor();
      await page.getByLabel('Currency').selectOption('JPY');
      await page.getByLabel('Reference (optional)').fill('R-wrong');
      await page.getByLabel('Quantity').fill('two');
      await page.getByLabel('Unit price').fill('1.50');
      await page.getByLabel('Country').fill('Germany');
      await page.getByLabel('E-mail (optional)').fill('nobody');
      await place();
      await said('SKU', 'This is missing.');
      await said('Quantity', 'Write a whole number.');
      await said('Unit price', 'This currency has no decimals.');
      await said('Country', 'Must be two capital letters'); // only the server knows
      assert.deepEqual(await wrong(), [
        ...['customerId', 'lines.0.sku', 'lines.0.quantity', 'lines.0.unitPrice'],
        ...['name', 'line1', 'postalCode', 'city', 'country', 'email'],
      ]);
      await page.locator('input[name="customerId"]:focus').waitFor();
      await page.getByRole('textbox', { name: 'Customer' }).fill('c-1');
      await page.getByLabel('SKU').fill('tea');
      await page.getByLabel('Quantity').fill('2');
      await page.getByLabel('Unit price').fill('150');
      await page.getByLabel('Name').fill('Ada Example');
      await page.getByLabel('Street').fill('Main Street 1');
      await page.getByLabel('Postal code').fill('10115');
      await page.getByLabel('City').fill('Berlin');
      await place();
      await page.locator('input[name="country"]:focus').waitFor();
      assert.deepEqual(await wrong(), ['country', 'email']);
      const none = await program.ask('/v1/orders?reference=R-wrong&customer_id=c-1');
      assert.deepEqual(none.data, []);
      await page.getByLabel('Country').fill('DE');
      await page.getByLabel('E-mail (optional)').fill('');
      await place();
      await status(page, 'completed');
      const { data } = await program.ask('/v1/orders?reference=R-wrong&customer_id=c-1');
      assert.deepEqual(
        (data as Json[]).map(({ total, currency }) => [total, currency]),
        [[300, 'JPY']],
      );
    });
  });

  it('that is placed while the server is away is placed once, when it is back', async () => {
    const visit: Visit = async (page, watched) => {
      watched.expectConsole(/ERR_CONNECTION|ERR_EMPTY|WebSocket|Failed to load/);
      await page.locator('[data-live="live"]').waitFor();
      await page.getByRole('textbox', { name: 'Customer' }).fill('c-away');
      for (const [label, text] of Object.entries(ORDER)) await page.getByLabel(label).fill(text);
      await slow.stop('SIGKILL');
      const place = page.locator('[type="submit"]');
      await place.click();
      await page.getByRole('alert').getByText('unchanged, it is placed only once').waitFor();
      assert.ok(await place.evaluate((button) => button === document.activeElement));
      await slow.start();
      await place.click();
      await status(page, 'completed');
      const { data } = await slow.ask('/v1/orders?customer_id=c-away');
      assert.deepEqual(
        (data as Json[]).map(({ id, total }) => [id, total]),
        [[page.url().split('/').at(-1), 890]],
      );
    };
    await at('/orders/new', visit, slow);
  });

  it('that is declined is undone', async () => {
    const id = await program.place({ payment_method: 'pm_declined' });
    await at(`/orders/${id}`, async (page) => {
      await status(page, 'failed');
      await page.locator('[data-step="authorize_payment"][data-state="refused"]').waitFor();
      await page.locator('[data-step="reserve_inventory"][data-state="undone"]').waitFor();
      const order = await program.ask(`/v1/orders/${id}`);
      assert.deepEqual([order.status, order.code], ['failed', 'declined']);
      const { data } = await program.ask(`/v1/reservations?order_id=${id}`);
      assert.deepEqual(
        (data as Json[]).map(({ state }) => state),
        ['undone'],
      );
    });
  });

  it('whose provider is out is retried with a countdown, dies, and is redriven', async () => {
    const visit: Visit = async (page) => {
      await page.locator('[data-live="live"]').waitFor();
      const id = await slow.place({ payment_method: 'pm_flaky_8' });
      await page.getByRole('button', { name: '1 new' }).click();
      await page.locator(`[data-order-id="${id}"] a`).first().click();
      // Not the other one of that name, which is there before the timeline is.
      const grain = page.getByLabel('Grain of the timeline');
      await grain.getByRole('radio', { name: 'Attempts' }).click();
      const next = page.locator('header').getByText(/^next try in \d+ s$/);
      await next.waitFor();
      await page.locator('[data-diagnosis]').getByText('issuer_unavailable').waitFor();
      await page.locator('[data-bar="planned"]').waitFor();
      const waiting = await slow.ask(`/v1/orders/${id}`);
      assert.deepEqual([waiting.status, waiting.health], ['processing', 'retrying']);
      await status(page, 'dead_lettered');
      await next.waitFor({ state: 'detached' });
      // The attempts are read by themselves, maybe after the status.
      await page.locator('[data-bar="call"]').nth(8).waitFor();
      assert.equal(await page.locator('[data-bar="call"]').count(), 1 + 8);
      assert.equal(await page.locator('[data-bar="back-off"]').count(), 7);
      await page.locator('[data-diagnosis]').getByText('A person').waitFor();
      const dead = await slow.ask(`/v1/orders/${id}`);
      assert.deepEqual([dead.status, dead.attempts], ['dead_lettered', 8]);
      await act(page, 'Retry');
      await status(page, 'completed');
      assert.equal((await slow.ask(`/v1/orders/${id}`)).status, 'completed');
      const { data } = await slow.ask('/v1/dead-letters/groups');
      assert.deepEqual(data, []);
    };
    await at('/orders', visit, slow);
  });

  it('appears in the list as it is placed elsewhere, without making it jump', async () => {
    await program.until(await program.place(), 'completed');
    await at('/orders', async (page) => {
      await page.locator('[data-live="live"]').waitFor();
      await page.locator('[data-row-index="0"]').waitFor();
      const first = await page.locator('[data-row-index="0"]').getAttribute('data-order-id');
      const id = await program.place();
      const pill = page.getByRole('button', { name: '1 new' });
      await pill.waitFor();
      const now = await page.locator('[data-row-index="0"]').getAttribute('data-order-id');
      assert.equal(now, first, 'nothing has moved');
      const [own, list] = await Promise.all([
        pill.boundingBox(),
        page.locator('[data-orders-scroller]').boundingBox(),
      ]);
      assert.ok(own && list && own.y + own.height <= list.y, 'the pill lies on no row');
      await pill.click();
      await page.locator(`[data-order-id="${id}"] [data-status="completed"]`).waitFor();
      assert.equal((await program.ask(`/v1/orders/${id}`)).status, 'completed');
    });
  });
});

/** Presses the button of the page, then the same in the dialog that asks. */
async function act(page: Page, label: string): Promise<void> {
  await page.getByRole('button', { name: label, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('[data-consequence]').waitFor();
  await dialog.getByRole('button', { name: label, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

describe('a person', () => {
  it('sees what waits, and when it is tried again', async () => {
    const id = await patient.place(WAITING);
    await at(
      `/orders/${id}`,
      async (page) => {
        await page.getByText(/^next try/).waitFor();
        await page.locator('[data-diagnosis]').getByText('carrier_unavailable').waitFor();
        const order = await patient.ask(`/v1/orders/${id}`);
        assert.deepEqual([order.status, order.health], ['processing', 'retrying']);
      },
      patient,
    );
  });

  it('selects a row, which says that it has changed and shows it once it is deselected', async () => {
    const id = await patient.place(WAITING);
    await at(
      '/orders',
      async (page) => {
        const row = page.locator(`[data-order-id="${id}"]`);
        await row.getByRole('checkbox').click();
        const before = await row.getAttribute('data-version');
        await row.getByText('changed').waitFor();
        assert.equal(await row.getAttribute('data-version'), before, 'it waits');
        await row.getByRole('checkbox').click();
        await row.getByText('changed').waitFor({ state: 'detached' });
        const shown = Number(await row.getAttribute('data-version'));
        assert.ok(shown > Number(before));
        const { version, status } = await patient.ask(`/v1/orders/${id}`);
        assert.ok(Number(version) >= shown && status === 'processing');
      },
      patient,
    );
  });

  it('cancels an order that is open', async () => {
    const id = await patient.place(WAITING);
    await at(
      `/orders/${id}`,
      async (page) => {
        await act(page, 'Cancel order');
        await status(page, 'cancelled');
        const order = await patient.ask(`/v1/orders/${id}`);
        assert.equal(order.status, 'cancelled');
        const { data } = await patient.ask('/v1/inventory');
        const tea = (data as { sku: string; on_hand: number }[]).find((one) => one.sku === 'tea');
        assert.equal(tea?.on_hand, 1_000, 'nothing has left the shelf');
      },
      patient,
    );
  });

  it('retries with another payment method, having seen the difference', async () => {
    const id = await program.place({ payment_method: 'pm_flaky_15' });
    await program.until(id, 'dead_lettered');
    await at(`/orders/${id}`, async (page) => {
      await page.getByRole('button', { name: 'Change and retry' }).click();
      const dialog = page.getByRole('dialog');
      const confirm = dialog.getByRole('button', { name: 'Change and retry' });
      await dialog.getByLabel('Payment method').waitFor();
      assert.ok(await confirm.isDisabled(), 'nothing is changed yet');
      await dialog.getByLabel('Payment method').fill('pm_ok');
      const changes = await dialog.getByText('What is changed').locator('..').textContent();
      assert.match(changes ?? '', /payment_method.*pm_flaky_15.*pm_ok/);
      await confirm.click();
      await status(page, 'completed');
      const order = await program.ask(`/v1/orders/${id}`);
      assert.deepEqual([order.status, order.payment_method], ['completed', 'pm_ok']);
    });
  });

  it('acts on a selection, and sees what became of each', async () => {
    const ids = await Promise.all(
      ['1', '2', '3'].map((n) => patient.place({ ...WAITING, customer_id: `c-bulk-${n}` })),
    );
    const done = await patient.place({ customer_id: 'c-bulk-done' });
    await patient.until(done, 'completed');
    await at(
      '/orders',
      async (page) => {
        for (const id of [...ids, done]) {
          await page.locator(`[data-order-id="${id}"]`).getByRole('checkbox').check();
        }
        await page.getByText('4 selected').waitFor();
        await page
          .getByRole('region', { name: 'Selection' })
          .getByRole('button', { name: 'Hold', exact: true })
          .click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('3 of 4 can be done:').waitFor();
        await dialog.getByText('1 stays as it is:').waitFor();
        await dialog.getByRole('button', { name: 'Hold (3)' }).click();
        await dialog.getByText('3 held').waitFor();
        await dialog.getByRole('button', { name: 'Close' }).last().click();
        for (const id of ids) {
          await page.locator(`[data-order-id="${id}"] [data-status="on_hold"]`).waitFor();
          assert.equal((await patient.ask(`/v1/orders/${id}`)).status, 'on_hold');
        }
        assert.equal((await patient.ask(`/v1/orders/${done}`)).status, 'completed');
      },
      patient,
    );
  });
});

describe('two tabs', () => {
  it('show the same order the same way, whichever acts', async () => {
    const id = await patient.place(WAITING);
    const visit: Visit = async (first) => {
      await at(
        `/orders/${id}`,
        async (second) => {
          await act(first, 'Hold');
          await Promise.all([status(first, 'on_hold'), status(second, 'on_hold')]);
          assert.equal((await patient.ask(`/v1/orders/${id}`)).status, 'on_hold');
          await act(second, 'Release');
          await Promise.all([status(first, 'processing'), status(second, 'processing')]);
          assert.equal((await patient.ask(`/v1/orders/${id}`)).status, 'processing');
        },
        patient,
      );
    };
    await at(`/orders/${id}`, visit, patient);
  });

  it('cannot both change what both have seen', async () => {
    const id = await program.place({ payment_method: 'pm_flaky_15' });
    await program.until(id, 'dead_lettered');
    await at(`/orders/${id}`, async (late, watched) => {
      watched.expectConsole(/412/);
      await late.getByRole('button', { name: 'Change and retry' }).click();
      const dialog = late.getByRole('dialog');
      await dialog.getByLabel('Payment method').fill('pm_declined');
      await at(`/orders/${id}`, async (early) => {
        await act(early, 'Retry');
        await status(early, 'completed');
      });
      await dialog.getByRole('button', { name: 'Change and retry' }).click();
      await dialog.getByRole('alert').waitFor();
      await dialog.getByRole('button', { name: 'Keep as it is' }).click();
      await status(late, 'completed');
      const order = await program.ask(`/v1/orders/${id}`);
      assert.deepEqual([order.status, order.payment_method], ['completed', 'pm_flaky_15']);
    });
  });
});

describe('a server that is killed', () => {
  it('is said to be away, and nothing is missing once it is back', async () => {
    const held = await patient.place(WAITING);
    await patient.act(held, 'hold');
    await patient.until(held, 'on_hold');
    const visit: Visit = async (page, watched) => {
      watched.expectConsole(/ERR_CONNECTION|ERR_EMPTY|WebSocket|Failed to load/);
      const row = (id: string) => page.locator(`[data-order-id="${id}"]`);
      await page.locator('[data-live="live"]').waitFor();
      await row(held).locator('[data-status="on_hold"]').waitFor();
      await patient.stop('SIGKILL');
      await page.locator('[data-live="reconnecting"], [data-live="offline"]').waitFor();
      await page.locator('[data-stale]').waitFor();
      await patient.start();
      await patient.act(held, 'cancel');
      const placed = await patient.place();
      await patient.until(placed, 'completed');
      await patient.until(held, 'cancelled');
      await page.locator('[data-live="live"]').waitFor();
      await row(held).locator('[data-status="cancelled"]').waitFor();
      const fresh = page.getByRole('button', { name: / new$/ });
      await row(placed).or(fresh).first().waitFor();
      if (await fresh.isVisible()) await fresh.click();
      await row(placed).locator('[data-status="completed"]').waitFor();
      await page.locator('[data-stale]').waitFor({ state: 'detached' });
    };
    await at('/orders', visit, patient);
  });
});
