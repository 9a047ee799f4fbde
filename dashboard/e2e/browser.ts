// Debian's chromium, and pages that notice what a person would not: messages in the console,
// violations of the content security policy, requests to another host.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** For whatever has to come; a busy machine is slow. */
export const WAIT_MS = 60_000;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: SWITCHES,
    timeout: 2 * WAIT_MS,
  });
}

export interface Watched {
  page: Page;
  /** Fails if anything was noticed, and forgets it. */
  check: () => void;
  /** What belongs to a state that a test makes, such as a request that fails. */
  expectConsole: (pattern: RegExp) => void;
  close: () => Promise<void>;
}

export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { axe?: boolean } = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
    ...options,
  });
  // Before any page, as no policy of the page forbids that.
  if (options.axe) await context.addInitScript({ content: AXE });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const noticed: string[] = [];
  const expected: RegExp[] = [];
  const notice = (text: string) => {
    if (!expected.some((pattern) => pattern.test(text))) noticed.push(text);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) notice(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => notice(`error: ${error.message}`));
  page.on('request', (request) => {
    if (url === 'about:blank') return; // the test says later where it goes
    const { origin, protocol } = new URL(request.url());
    const isOwn = origin === new URL(url).origin || protocol === 'blob:';
    if (!isOwn) notice(`request to ${request.url()}`);
  });
  await page.goto(url);
  return {
    page,
    check: () => assert.deepEqual(noticed.splice(0), []),
    expectConsole: (pattern) => expected.push(pattern),
    close: () => context.close(),
  };
}

interface Found {
  violations: { id: string; nodes: { target: unknown[] }[] }[];
}

declare global {
  interface Window {
    axe: { run: (place: Document, options: object) => Promise<Found> };
  }
}

/** What axe finds against WCAG 2.2 AA, each with where it is; of a page that was opened with it. */
export async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate(
    (values) => window.axe.run(document, { runOnly: { type: 'tag', values } }),
    RULES,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}`),
  );
}
