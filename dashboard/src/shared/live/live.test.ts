import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Live, READ_AGAIN_MS, STALE_AFTER_MS } from '@/shared/live/live';
import { OrderStore } from '@/shared/live/order-store';
import type { Batch, Room, Transport, TransportHandlers } from '@/shared/live/transport';

class FakeTransport implements Transport {
  handlers: TransportHandlers | undefined;
  rooms: () => ReadonlyMap<Room, string | undefined> = () => new Map();
  readonly log: string[] = [];
  start(handlers: TransportHandlers, rooms: () => ReadonlyMap<Room, string | undefined>): void {
    this.handlers = handlers;
    this.rooms = rooms;
    this.log.push('start');
  }
  stop(): void {
    this.handlers = undefined;
    this.log.push('stop');
  }
  join(room: Room, cursor: string | undefined): void {
    this.log.push(`join ${room} ${cursor ?? '-'}`);
  }
  leave(room: Room): void {
    this.log.push(`leave ${room}`);
  }
}

const order = (version: number): Batch => ({
  room: 'orders',
  cursor: `c${version}`,
  serverTimeMs: 0,
  items: [
    {
      event: 'order:updated',
      data: {
        id: 'a',
        version,
        customer_id: 'c1',
        currency: 'EUR',
        currency_exponent: 2,
        total: 1,
        status: 'pending',
        health: 'ok',
        step: 'reserve_inventory',
        run: 1,
        generation: 1,
        attempts: 0,
        created_at: '',
        updated_at: '',
        correlation_id: '',
      },
    },
  ],
});

let transport: FakeTransport;
let live: Live;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  transport = new FakeTransport();
  live = new Live(transport, new OrderStore((flush) => flush()));
  live.start();
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

const connect = () => transport.handlers?.onConnection({ state: 'connected' });

const beat = () =>
  transport.handlers?.onBatch({ room: 'pipeline', cursor: 'p1', serverTimeMs: 0, items: [] });

describe('the pill', () => {
  it('is live only while there are signs of life', () => {
    expect(live.status.kind).toBe('connecting');
    transport.handlers?.onConnection({ state: 'catching-up' });
    expect(live.status.kind).toBe('catching-up');
    connect();
    expect(live.status.kind).toBe('live');
    vi.advanceTimersByTime(STALE_AFTER_MS - 1_000);
    beat();
    vi.advanceTimersByTime(STALE_AFTER_MS - 1_000);
    expect(live.status.kind).toBe('live');
    vi.advanceTimersByTime(2_000);
    expect(live.status).toEqual({ kind: 'offline', asOfMs: 1_000_000 + STALE_AFTER_MS - 1_000 });
  });

  it('says when it tries again, and how old the data are', () => {
    connect();
    transport.handlers?.onConnection({ state: 'waiting', retryAtMs: 1_003_000 });
    expect(live.status).toEqual({
      kind: 'reconnecting',
      retryAtMs: 1_003_000,
      asOfMs: 1_000_000,
    });
    connect();
    expect(live.status.kind).toBe('live');
  });

  it('tells listeners of changes only', () => {
    const seen = vi.fn();
    live.subscribeStatus(seen);
    connect();
    connect();
    beat();
    expect(seen).toHaveBeenCalledTimes(1);
  });
});

describe('rooms', () => {
  it('are joined once and left with the last listener', () => {
    const first = live.listen('events', { onItems: () => undefined });
    const second = live.listen('events', { onItems: () => undefined });
    first();
    first();
    expect(transport.log).toEqual(['start', 'join events -']);
    second();
    expect(transport.log.at(-1)).toBe('leave events');
  });

  it('that are new begin at the newest cursor that is known', () => {
    transport.handlers?.onBatch(order(3));
    live.listen('order:a', { onItems: () => undefined });
    expect(transport.log.at(-1)).toBe('join order:a c3');
    expect(transport.rooms().get('order:a')).toBe('c3');
  });

  it('of all orders and of the heartbeat are never left', () => {
    live.listen('orders', { onItems: () => undefined })();
    expect(transport.log).toEqual(['start']);
    expect([...transport.rooms().keys()]).toEqual(['orders', 'pipeline']);
  });

  it('hand on what came, to the store as well', () => {
    const onItems = vi.fn();
    live.listen('orders', { onItems });
    transport.handlers?.onBatch(order(2));
    transport.handlers?.onBatch(order(2)); // at least once
    transport.handlers?.onBatch(order(1));
    expect(onItems).toHaveBeenCalledTimes(3);
    expect(live.orders.get('a')?.version).toBe(2);
  });

  it('go on from where they were after a lost connection', () => {
    transport.handlers?.onBatch(order(4));
    expect(transport.rooms().get('orders')).toBe('c4');
  });
});

describe('a gap', () => {
  it('keeps no cursor until what is shown is read anew', async () => {
    let done: () => void = () => undefined;
    const onResync = vi.fn(() => new Promise<void>((resolve) => (done = resolve)));
    live.listen('orders', { onItems: () => undefined, onResync });
    transport.handlers?.onBatch(order(1));
    transport.handlers?.onResync('orders');
    expect(onResync).toHaveBeenCalledTimes(1);
    transport.handlers?.onBatch(order(2));
    expect(transport.rooms().get('orders')).toBeUndefined();
    done();
    await vi.advanceTimersByTimeAsync(0);
    transport.handlers?.onBatch(order(3));
    expect(transport.rooms().get('orders')).toBe('c3');
  });

  it('that could not be read is read again until it is', async () => {
    const onResync = vi.fn(() => Promise.reject(new Error('503')));
    live.listen('orders', { onItems: () => undefined, onResync });
    transport.handlers?.onResync('orders');
    await vi.advanceTimersByTimeAsync(READ_AGAIN_MS);
    expect(onResync).toHaveBeenCalledTimes(2);
    onResync.mockImplementation(() => Promise.resolve() as Promise<never>);
    await vi.advanceTimersByTimeAsync(3 * READ_AGAIN_MS);
    expect(onResync).toHaveBeenCalledTimes(3);
    transport.handlers?.onBatch(order(2));
    expect(transport.rooms().get('orders')).toBe('c2');
  });

  it('of a room that was left is not read again', async () => {
    const onResync = vi.fn(() => Promise.reject(new Error('503')));
    const leave = live.listen('events', { onItems: () => undefined, onResync });
    transport.handlers?.onResync('events');
    leave();
    await vi.advanceTimersByTimeAsync(3 * READ_AGAIN_MS);
    expect(onResync).toHaveBeenCalledTimes(1);
  });

  it('that could not be read stays one', async () => {
    const onResync = () => Promise.reject(new Error('offline'));
    live.listen('orders', { onItems: () => undefined, onResync });
    transport.handlers?.onResync('orders');
    await vi.advanceTimersByTimeAsync(0);
    transport.handlers?.onBatch(order(2));
    expect(transport.rooms().get('orders')).toBeUndefined();
  });
});

it('is not live behind a short pause before there is a connection', () => {
  connect();
  live.pause();
  vi.advanceTimersByTime(100);
  live.resume();
  transport.handlers?.onConnection({ state: 'connecting' });
  expect(live.status.kind).toBe('reconnecting');
});

it('pauses and goes on', () => {
  connect();
  live.pause();
  live.pause();
  expect(live.status).toEqual({ kind: 'paused', sinceMs: 1_000_000 });
  vi.advanceTimersByTime(60_000);
  expect(live.status.kind).toBe('paused');
  live.resume();
  transport.handlers?.onConnection({ state: 'connecting' });
  expect(live.status).toMatchObject({ kind: 'reconnecting', asOfMs: 1_000_000 });
  connect();
  expect(live.status.kind).toBe('live');
  expect(transport.log).toEqual(['start', 'stop', 'start']);
});
