// The real program on a free port with a data file of its own, and what a test asks its API.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS = 60_000;
const ASK_MS = 60_000;

/** Retries that a test can wait for. */
export const QUICK = ['--retry-base-delay-ms', '40', '--retry-cap-ms', '400'];

/** So many attempts that an order whose carrier is away is open for as long as a test lasts. */
export const PATIENT = ['--retry-base-delay-ms', '1000', '--retry-max-attempts', '100'];

/** A failure waits for as long as a test lasts, unless a person retries. */
export const HOUR = ['--retry-base-delay-ms', '3600000', '--retry-cap-ms', '3600000'];
const ADDRESS = {
  name: 'Ada Example',
  line1: 'Main Street 1',
  city: 'Berlin',
  postal_code: '10115',
  country: 'DE',
};
/** Its booking fails again and again. */
export const WAITING = { ship_to: { ...ADDRESS, postal_code: 'SBX-FLAKY-99' } };

export interface Json {
  [member: string]: unknown;
}

export class Program {
  readonly folder = mkdtempSync(join(tmpdir(), 'conveyor-e2e-'));
  url = '';
  private child: ChildProcess | undefined;
  private readonly options: readonly string[];
  private readonly command: string;

  constructor(command: 'serve' | 'demo' = 'serve', options: readonly string[] = QUICK) {
    this.command = command;
    this.options = options;
  }

  /** Again after stop(), on the same data and port, maybe as another command. */
  async start(command = this.command, options = this.options): Promise<void> {
    const program = process.env.CONVEYOR_PROGRAM;
    if (!program) throw new Error('CONVEYOR_PROGRAM has to name the program');
    const ready = join(this.folder, 'ready');
    rmSync(ready, { force: true });
    // The same port again after a restart, so that an open page finds it.
    const listen = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const args = [command, '--listen', listen, '--data', join(this.folder, 'data.db')];
    this.child = spawn(
      program,
      [...args, '--ready-file', ready, '--log-level', 'error', ...options],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const end = Date.now() + START_MS;
    while (!existsSync(ready) || readFileSync(ready, 'utf8').trim() === '') {
      if (Date.now() > end || this.child.exitCode !== null) throw new Error('it did not start');
      await sleep(20);
    }
    this.url = readFileSync(ready, 'utf8').trim();
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask(path: string, init: RequestInit = {}): Promise<Json> {
    const response = await fetch(this.url + path, {
      ...init,
      headers: { 'Content-Type': 'application/json', ...init.headers },
      signal: AbortSignal.timeout(ASK_MS),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Json;
  }

  async stock(sku: string, onHand: number, title?: string): Promise<void> {
    const body = JSON.stringify({ on_hand: onHand, ...(title && { title }) });
    await this.ask(`/v1/inventory/${sku}`, { method: 'PUT', body });
  }

  /** The id of a new order. */
  async place(changes: Json = {}): Promise<string> {
    const order = {
      customer_id: 'c-1',
      currency: 'EUR',
      lines: [{ sku: 'tea', quantity: 1, unit_price: 890 }],
      ship_to: ADDRESS,
      payment_method: 'pm_ok',
      ...changes,
    };
    const headers = { 'Idempotency-Key': `"${crypto.randomUUID()}"` };
    const body = JSON.stringify(order);
    const placed = await this.ask('/v1/orders', { method: 'POST', headers, body });
    return String(placed.id);
  }

  /** What a person does to an order, such as `hold`. */
  async act(id: string, action: string): Promise<void> {
    const headers = { 'Idempotency-Key': `"${crypto.randomUUID()}"` };
    await this.ask(`/v1/orders/${id}/${action}`, { method: 'POST', headers, body: '{}' });
  }

  /** Asks until the order has the status. */
  async until(id: string, status: string): Promise<Json> {
    const end = Date.now() + ASK_MS;
    for (;;) {
      const order = await this.ask(`/v1/orders/${id}`);
      if (order.status === status) return order;
      if (Date.now() > end) throw new Error(`${id} is ${String(order.status)}, not ${status}`);
      await sleep(50);
    }
  }
}
