// Each page as it is while it loads, with nothing on it, when something fails, and for everybody:
// axe finds nothing, light and dark, wide and narrow.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, open, violations, type Watched } from './browser.ts';
import { Program } from './program.ts';

const empty = new Program();
const full = new Program();
/** Its server is killed. */
const cut = new Program();
let browser: Browser;
let orderId = '';
let cutOrderId = '';

/** The id of a dead letter, beside which there are others. */
async function fill(program: Program): Promise<string> {
  await program.stock('tea', 1_000, 'Earl Grey, 100 g');
  const dead = await program.place({ payment_method: 'pm_flaky_8', reference: 'R-dead' });
  await program.place({ payment_method: 'pm_declined' });
  await program.place();
  await program.until(dead, 'dead_lettered');
  return dead;
}

before(async () => {
  await Promise.all([empty.start(), full.start(), cut.start()]);
  [orderId, cutOrderId] = await Promise.all([fill(full), fill(cut)]);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await Promise.all([empty.close(), full.close(), cut.close()]);
});

const TRIES = 30;

const PROBLEM = {
  type: 'about:blank',
  title: 'The store is not available',
  status: 503,
  detail: 'it could not be read',
  instance: '/v1/orders',
  code: 'store_unavailable',
  request_id: 'req_of_the_test',
  correlation_id: 'c',
  retryable: false,
};

interface PageCase {
  path: (order: string) => string;
  reads: string; // what the page cannot do without
  shape: string; // its own, not the one of any page whose code is loaded
  loaded: string;
  empty?: string;
}

const PAGES: Record<string, PageCase> = {
  overview: {
    path: () => '/',
    reads: '**/v1/pipeline*',
    shape: '[aria-label="Loading the overview"]',
    loaded: 'Orders per second',
    empty: 'No orders yet',
  },
  orders: {
    path: () => '/orders',
    reads: '**/v1/orders?*',
    shape: '[aria-label="Loading orders"]',
    loaded: 'R-dead',
    empty: 'No orders yet',
  },
  order: {
    path: (order) => `/orders/${order}`,
    reads: '**/v1/orders/ord_*',
    shape: '[aria-label="Loading the order"]',
    loaded: 'Why it is waiting',
  },
  'dead letters': {
    path: () => '/dead-letters',
    reads: '**/v1/dead-letters/groups',
    shape: '[aria-label="Loading dead letters"]',
    loaded: 'Issuer unavailable',
    empty: 'No dead letters',
  },
  'new order': {
    path: () => '/orders/new',
    reads: '**/v1/inventory?*',
    shape: 'text=Reading the catalogue',
    loaded: 'Choose from the catalogue, or type one',
  },
};

/** Until it is there. A page that reads anew by itself may be faster than the click. */
async function tryAgain(page: Page, loaded: string): Promise<void> {
  const again = page.getByRole('button', { name: 'Try again' }).first();
  const shown = page.getByText(loaded).first();
  for (let i = 0; i < TRIES; i += 1) {
    await again.or(shown).first().waitFor();
    if (await shown.isVisible()) return;
    await again.click({ timeout: 2_000 }).catch(() => undefined);
  }
  assert.fail(`"${loaded}" does not appear`);
}

for (const [name, { path, reads, shape, loaded, empty: nothing }] of Object.entries(PAGES)) {
  describe(name, () => {
    it('shows its shape while it loads, then itself', async () => {
      const watched = await open(browser, 'about:blank');
      let go: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        go = resolve;
      });
      await watched.page.route(reads, async (route) => {
        await held;
        await route.continue();
      });
      await watched.page.goto(full.url + path(orderId));
      await watched.page.locator(shape).first().waitFor({ state: 'attached' });
      assert.ok((await watched.page.locator('[data-slot="skeleton"]').count()) > 0);
      go();
      await watched.page.getByText(loaded).first().waitFor();
      await watched.close();
    });

    it('says what went wrong, by which request, and tries again', async () => {
      const watched = await open(browser, 'about:blank');
      await watched.page.route(reads, (route) =>
        route.fulfill({ status: 503, contentType: 'application/problem+json', json: PROBLEM }),
      );
      await watched.page.goto(full.url + path(orderId));
      await watched.page.getByText('req_of_the_test').first().waitFor();
      await watched.page.unroute(reads);
      await tryAgain(watched.page, loaded);
      await watched.close();
    });

    if (nothing) {
      it('says why there is nothing, and what to do', async () => {
        const watched = await open(browser, empty.url + path(''));
        await watched.page.getByText(nothing).first().waitFor();
        watched.check();
        await watched.close();
      });
    }
  });
}

describe('orders', () => {
  it('says that nothing matches, and shows all again', async () => {
    const watched = await open(browser, `${full.url}/orders?q=customer:nobody`);
    await watched.page.getByText('Nothing matches').waitFor();
    await watched.page.getByRole('button', { name: 'Clear the filter' }).click();
    await watched.page.getByText('R-dead').waitFor();
    watched.check();
    await watched.close();
  });

  it('names a mistake in the query', async () => {
    const watched = await open(browser, `${full.url}/orders?q=state:failed`);
    await watched.page.getByText('state is not a field; there are status').waitFor();
    await watched.close();
  });
});

/** What axe finds in each theme and at each width. */
async function violationsInEachLook(page: Page): Promise<string[]> {
  const found = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [390, 1440]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.waitForFunction(
        (isDark) => document.documentElement.classList.contains('dark') === isDark,
        colorScheme === 'dark',
      );
      const all = await violations(page);
      found.push(...all.map((one) => `${colorScheme}, ${width} px: ${one}`));
    }
  }
  return found;
}

/** Colours that move on to others are none that a contrast could be told of. */
const FOR_AXE = { axe: true, reducedMotion: 'reduce' } as const;

/** Each with what it shows instead. */
const MISTYPED: [string, string][] = [
  ['/?window=9m&q=x', 'Orders per second'],
  ['/orders?columns=nothing&q=', 'R-dead'],
  ['/orders/ID?version=abc&tab=nothing&mode=-&event=x&step=y', 'Why it is waiting'],
  ['/orders/ID?version=9999', 'The order as it is now'],
  ['/orders/ID/more', 'There is no page at this address'],
  ['/orders/ord_nothing', 'There is no order with this id'],
  ['/dead-letters?group=nothing', 'Issuer unavailable'],
];

it('an address that was mistyped is read as far as it is understood, or that is said', async () => {
  const watched = await open(browser, full.url);
  watched.expectConsole(/status of 404/);
  for (const [path, shown] of MISTYPED) {
    await watched.page.goto(full.url + path.replace('ID', orderId));
    await watched.page.getByText(shown).first().waitFor();
    watched.check();
  }
  await watched.close();
});

describe('everybody', () => {
  for (const [name, { path, loaded }] of Object.entries(PAGES)) {
    it(`can use ${name}, light and dark, wide and narrow`, async () => {
      const watched = await open(browser, full.url + path(orderId), FOR_AXE);
      await watched.page.getByText(loaded).first().waitFor();
      assert.deepEqual(await violationsInEachLook(watched.page), []);
      watched.check();
      await watched.close();
    });
  }
});

/** What a server that is away leaves in the console. */
const AWAY = /Failed to load resource|WebSocket connection|net::ERR_/;
/** The code of each page, which is loaded behind the first one that is opened. */
const PARTS = ['overview-page', 'orders-page', 'order-page', 'dead-letters-page', 'new-order-page'];

/** Goes there as a link does: no document is loaded. */
async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => history.pushState({}, '', to), path);
}

describe('without a server', () => {
  const shown = new Map<string, Watched>();
  let fresh: Watched;

  before(async () => {
    const opened = Object.entries(PAGES).map(async ([name, { path, loaded }]) => {
      const watched = await open(browser, cut.url + path(cutOrderId), FOR_AXE);
      watched.expectConsole(AWAY);
      shown.set(name, watched);
      await watched.page.getByText(loaded).first().waitFor();
      await watched.page.locator('[data-live="live"]').waitFor();
    });
    fresh = await open(browser, `${cut.url}/no/such/page`, FOR_AXE);
    fresh.expectConsole(AWAY);
    await fresh.page.locator('[data-live="live"]').waitFor();
    await fresh.page.waitForFunction((parts) => {
      const read = performance.getEntriesByType('resource').map(({ name }) => name);
      return parts.every((part) => read.some((name) => name.includes(`${part}-`)));
    }, PARTS);
    await Promise.all(opened);
    await cut.stop('SIGKILL');
  });
  after(() => Promise.all([fresh, ...shown.values()].map((watched) => watched?.close())));

  for (const [name, { path, loaded }] of Object.entries(PAGES)) {
    it(`${name} that was loaded says that it is old`, async () => {
      const { page } = shown.get(name) as Watched;
      await page.locator('[data-live]:not([data-live="live"])').waitFor();
      await page.locator('[data-stale]').or(page.getByText('may be old')).first().waitFor();
      await page.getByText(loaded).first().waitFor();
      assert.deepEqual(await violationsInEachLook(page), []);
    });

    it(`${name} that is opened says that there is none`, async () => {
      await follow(fresh.page, path(cutOrderId));
      await fresh.page.getByText('The server cannot be reached').first().waitFor();
      assert.deepEqual(await violationsInEachLook(fresh.page), []);
    });
  }

  it('every page heals once it is back', async () => {
    await cut.start();
    for (const [name, watched] of [...shown, ['fresh', fresh] as const]) {
      const { page } = watched;
      await page.locator('[data-live="live"]').waitFor();
      await page.locator('[data-stale]').first().waitFor({ state: 'detached' });
      await page.getByText('may be old').first().waitFor({ state: 'detached' });
      const { loaded } = PAGES[name] ?? { loaded: 'Choose from the catalogue, or type one' };
      await page.getByText(loaded).first().waitFor();
      watched.check();
    }
  });
});

it('a page that is opened is not offline before it is live', async () => {
  const watched = await open(browser, 'about:blank');
  await watched.page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seenLive: seen });
    new MutationObserver(() => {
      const kind = document.querySelector<HTMLElement>('[data-live]')?.dataset.live;
      if (kind && kind !== seen.at(-1)) seen.push(kind);
    }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-live'] });
  });
  await watched.page.goto(full.url);
  await watched.page.locator('[data-live="live"]').waitFor();
  const seen = await watched.page.evaluate(() => Object(window).seenLive as string[]);
  assert.deepEqual(
    seen.filter((kind) => kind !== 'catching-up'),
    ['connecting', 'live'],
  );
  await watched.close();
});
