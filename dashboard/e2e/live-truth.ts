// live-truth.ts SECONDS [ORDERS-A-SECOND]: what the list of orders shows is true, whatever happens.
//
// The demo, and some orders that fail seven times each, run behind a relay; the server is killed twice and the relay is stopped once. Each
// second every visible row that is not paused is compared with the API, which is asked past the
// relay: a row that is not the newest may not have been so for more than 2 s while the page says
// Live; the page may not say so while it is cut off; in the end nothing is missing. Exit code 0:
// all of that holds, and enough was seen. At full length: tests/soak/live-truth.sh.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launch, open, WAIT_MS } from './browser.ts';
import { type Json, Program, QUICK } from './program.ts';

const SECONDS = Number(process.argv[2] ?? 40);
const RATE = process.argv[3] ?? '12';

/** A program with sanitizers takes so many times its time. */
const PATIENCE = Number(process.env.TEST_PATIENCE ?? 1);

/** A row may be behind the store for so long while the page says Live. */
const BEHIND_MS = 2_000 * PATIENCE;
/** Without a sign of life the page says so after 5 s and looks every 0.5 s; one more to draw it. */
const UNNOTICED_MS = 6_500;
/** A connection that ends is noticed at once. */
const CLOSED_MS = 1_000;
/** Of 5 minutes, and of less in proportion. */
const CHANGES_IN_300_S = 2_000;
const ROWS = 20;
const COMPARED_AT_THE_END = 200;

interface Row {
  id: string;
  version: number;
  isPaused: boolean;
  status: string;
}

interface Snapshot {
  atMs: number;
  live: string;
  isStale: boolean;
  rows: Row[];
  /** Changes of rows in place so far. */
  changes: number;
  /** The longest time for which the page had no turn, of late. */
  lateMs: number;
}

interface Watch {
  changes: number;
  lates: { atMs: number; ms: number }[];
}

declare global {
  interface Window {
    watch: Watch;
  }
}

/**
 * Counts changes in place, and how late the page is by itself; shows new orders now and then, as
 * that reads the list anew and would make good what was missed.
 */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Watch = { changes: 0, lates: [] };
    window.watch = seen;
    new MutationObserver((mutations) => {
      seen.changes += mutations.length;
    }).observe(document.body, { subtree: true, attributeFilter: ['data-version'] });
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      seen.lates.push({ atMs: now, ms: now - last - 50 });
      seen.lates = seen.lates.filter(({ atMs }) => now - atMs < 4_000);
      last = now;
    }, 50);
    setInterval(() => {
      for (const button of document.querySelectorAll('button')) {
        if (/^\d[\d,]*\+? new$/.test(button.textContent?.trim() ?? '')) button.click();
      }
    }, 4_000);
  });
}

function look(page: Page): Promise<Snapshot> {
  return page.evaluate(() => {
    const scroller = document.querySelector('[data-orders-scroller]');
    const box = scroller?.getBoundingClientRect();
    const rows = [...document.querySelectorAll<HTMLElement>('[data-row-index]')].filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return box && top >= box.top && bottom <= box.bottom;
    });
    const { changes, lates } = window.watch;
    return {
      atMs: Date.now(),
      live: document.querySelector<HTMLElement>('[data-live]')?.dataset.live ?? '',
      isStale: scroller?.hasAttribute('data-stale') ?? true,
      rows: rows.map((row) => ({
        id: row.dataset.orderId ?? '',
        version: Number(row.dataset.version),
        isPaused: row.hasAttribute('data-paused'),
        status: row.querySelector<HTMLElement>('[data-status]')?.dataset.status ?? '',
      })),
      changes,
      lateMs: Math.max(0, ...lates.map(({ ms }) => ms)),
    };
  });
}

/** So slow that a retry can be seen before the next. */
const RETRIES = ['--retry-base-delay-ms', '600', '--retry-cap-ms', '2000'];
const RESTLESS_EVERY_MS = 100;
const program = new Program('demo', [...RETRIES, '--rate', RATE]);

/** Orders that change again and again, until it is told to stop. */
async function placeRestless(isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const lines = [{ sku: 'TEA-EARL-GREY', quantity: 1, unit_price: 1_290 }];
    try {
      await program.place({ lines, payment_method: 'pm_flaky_7' });
    } catch (error) {
      if (!cut) throw error;
    }
    await sleep(RESTLESS_EVERY_MS);
  }
}

interface Known {
  id: string;
  version: number;
  status: string;
}

async function newest(): Promise<Map<string, Known>> {
  const { data } = await program.ask(`/v1/orders?limit=${COMPARED_AT_THE_END}`);
  return new Map((data as Known[]).map((row) => [row.id, row]));
}

/** For how long the row was behind the store when it was looked at; 0: it was not. */
async function behindMs(row: Row, atMs: number): Promise<number> {
  const page = await program.ask(`/v1/orders/${row.id}/events?after=${row.version}&limit=1`);
  const [next] = page.data as { occurred_at: string }[];
  return next ? Math.max(0, atMs - Math.max(Date.parse(next.occurred_at), backMs)) : 0;
}

const wrong: string[] = [];
/** Since when the page is cut off, and how long it may take to notice. */
let cut: { sinceMs: number; noticedMs: number; how: string } | undefined;
/** Since when it could be connected again: what it has missed may come until 2 s later. */
let backMs = 0;

function back(): void {
  backMs = Date.now();
  cut = undefined;
}

const stats = { looks: 0, compared: 0, maxBehindMs: 0, fewestRows: Number.POSITIVE_INFINITY };

async function compare(seen: Snapshot): Promise<void> {
  const wasCut = cut;
  const isLive = seen.live === 'live';
  const isConnected = isLive || seen.live === 'catching-up';
  if (isConnected === seen.isStale) {
    wrong.push(`says ${seen.live} with rows that are ${seen.isStale ? '' : 'not '}grey`);
  }
  if (!isLive) return;
  if (wasCut) {
    const forMs = seen.atMs - wasCut.sinceMs;
    if (forMs > wasCut.noticedMs + seen.lateMs) {
      wrong.push(`says live ${forMs} ms after ${wasCut.how}`);
    }
    return; // not yet noticed
  }
  const begunMs = Date.now();
  const store = await newest();
  // What keeps this program or the page from its turn keeps the changes from the page.
  const allowedMs = BEHIND_MS + seen.lateMs + (Date.now() - begunMs);
  ++stats.looks;
  stats.fewestRows = Math.min(stats.fewestRows, seen.rows.length);
  for (const row of seen.rows) {
    if (row.isPaused) continue;
    ++stats.compared;
    const known =
      store.get(row.id) ?? ((await program.ask(`/v1/orders/${row.id}`)) as Json & Known);
    if (known.version === row.version) {
      if (known.status !== row.status) wrong.push(`${row.id} is shown ${row.status}`);
      continue;
    }
    if (known.version < row.version) {
      wrong.push(`${row.id} is shown in version ${row.version} of ${known.version}`);
      continue;
    }
    const ms = await behindMs(row, seen.atMs);
    stats.maxBehindMs = Math.max(stats.maxBehindMs, ms);
    if (ms > allowedMs) wrong.push(`${row.id} is ${ms} ms behind (allowed: ${allowedMs} ms)`);
  }
}

/** A look each second until it is told to stop; a server that is away is no answer. */
async function lookOn(page: Page, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const next = Date.now() + 1_000;
    const seen = await look(page);
    try {
      await compare(seen);
    } catch (error) {
      if (!cut) throw error;
    }
    await sleep(Math.max(0, next - Date.now()));
  }
}

const saysLive = (page: Page) => page.locator('[data-live="live"]').waitFor();

async function kill(page: Page): Promise<void> {
  cut = { sinceMs: Date.now(), noticedMs: CLOSED_MS, how: 'the server was killed' };
  await program.stop('SIGKILL');
  await page.locator('[data-live]:not([data-live="live"])').waitFor();
  await sleep(2_000);
  await program.start();
  back();
  await saysLive(page);
}

async function pauseRelay(page: Page, relay: ChildProcess): Promise<void> {
  cut = { sinceMs: Date.now(), noticedMs: UNNOTICED_MS, how: 'the relay was stopped' };
  relay.kill('SIGSTOP');
  await page.locator('[data-live="offline"]').waitFor();
  await sleep(2_000);
  relay.kill('SIGCONT');
  back();
  await saysLive(page);
}

/** Row by row from the top, as far as is compared. */
async function shownFromTop(page: Page, count: number): Promise<Known[]> {
  const scroller = page.locator('[data-orders-scroller]');
  await scroller.evaluate((element) => element.scrollTo(0, 0));
  const shown = new Map<number, Known>();
  const end = Date.now() + WAIT_MS;
  while (shown.size < count && Date.now() < end) {
    const rows = await page.locator('[data-row-index]').evaluateAll((all) =>
      (all as HTMLElement[]).map((row) => ({
        index: Number(row.dataset.rowIndex),
        id: row.dataset.orderId ?? '',
        version: Number(row.dataset.version),
        status: row.querySelector<HTMLElement>('[data-status]')?.dataset.status ?? '',
      })),
    );
    for (const { index, ...row } of rows) if (index < count) shown.set(index, row);
    await scroller.evaluate((element) => element.scrollBy(0, 600));
    await sleep(50);
  }
  return [...shown].sort(([a], [b]) => a - b).map(([, row]) => row);
}

/** The demo ends and what is open comes to rest; then the page has all that the store has. */
async function compareAtTheEnd(page: Page): Promise<number> {
  cut = { sinceMs: Date.now(), noticedMs: CLOSED_MS, how: 'the demo ended' };
  await program.stop();
  await program.start('serve', QUICK);
  await saysLive(page);
  const running = 'status=pending,processing,shipped,cancelling,compensating';
  const end = Date.now() + WAIT_MS;
  while (((await program.ask(`/v1/orders?${running}&limit=1`)).data as Json[]).length > 0) {
    assert.ok(Date.now() < end, 'the orders come to rest');
    await sleep(200);
  }
  const store = [...(await newest()).values()].map(({ id, version, status }) => ({
    id,
    version,
    status,
  }));
  for (;;) {
    const shown = await shownFromTop(page, store.length);
    try {
      assert.deepEqual(shown, store);
      return store.length;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(200);
  }
}

await program.start();
const browser = await launch();
const relay = fork(new URL('../../tests/live/relay.mjs', import.meta.url).pathname, [
  new URL(program.url).port,
  '1',
]);
try {
  const [{ ports }] = (await once(relay, 'message')) as [{ ports: number[] }];
  const watched = await open(browser, `http://127.0.0.1:${ports[0]}/orders`, {
    // High, so that an order is still in it when it changes.
    viewport: { width: 1440, height: 3_000 },
  });
  const { page } = watched;
  // What a server that is away leaves in the console.
  watched.expectConsole(/Failed to load resource|WebSocket connection|net::ERR_/);
  await saysLive(page);
  await watch(page);
  await page.locator(`[data-row-index="${ROWS + 4}"]`).waitFor();

  let isDone = false;
  const looking = Promise.all([lookOn(page, () => isDone), placeRestless(() => isDone)]);
  // So that what goes wrong there is said here, and not as a rejection nobody waits for.
  const failed = looking.then(
    () => undefined,
    (error: unknown) => error,
  );
  const partMs = (SECONDS * 1_000) / 4;
  await sleep(partMs);
  await kill(page);
  await sleep(partMs);
  await kill(page);
  await sleep(partMs);
  await pauseRelay(page, relay);
  await sleep(partMs);
  const { changes } = await look(page);
  isDone = true;
  const error = await failed;
  if (error) throw error;
  assert.deepEqual(wrong, []);
  const compared = await compareAtTheEnd(page);

  console.log(
    `${stats.looks} looks at ${stats.fewestRows} rows or more, ${stats.compared} rows compared, ` +
      `${changes} changes in place; at most ${stats.maxBehindMs} ms behind; ` +
      `in the end ${compared} of ${compared} rows as in the store`,
  );
  assert.deepEqual(wrong, [], 'nor at the end');
  assert.ok(stats.fewestRows >= ROWS, `${ROWS} rows are visible`);
  const enough = Math.floor((CHANGES_IN_300_S * SECONDS) / 300);
  assert.ok(changes >= enough, `${changes} changes were seen of ${enough}`);
  watched.check();
  await watched.close();
} finally {
  relay.kill('SIGCONT');
  relay.kill('SIGKILL');
  await browser.close();
  await program.close();
}
