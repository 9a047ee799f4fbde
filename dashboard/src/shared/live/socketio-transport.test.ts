import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SocketIoTransport, type SocketLike } from '@/shared/live/socketio-transport';
import type { Connection, Room, TransportHandlers } from '@/shared/live/transport';

class FakeSocket implements SocketLike {
  connected = false;
  readonly asked: [string, unknown][] = [];
  readonly listeners = new Map<string, (message: unknown) => void>();
  connects = 0;
  answer: (event: string, message: unknown) => Promise<unknown> = () =>
    Promise.resolve({ status: 'ok', cursor: 'now' });

  connect(): void {
    this.connects += 1;
  }
  disconnect(): void {
    this.connected = false;
  }
  onMessage(event: string, listener: (message: unknown) => void): void {
    this.listeners.set(event, listener);
  }
  ask(event: string, message: unknown): Promise<unknown> {
    this.asked.push([event, message]);
    return this.answer(event, message);
  }
  happens(event: string, message?: unknown): void {
    if (event === 'connect') this.connected = true;
    if (event === 'disconnect') this.connected = false;
    this.listeners.get(event)?.(message);
  }
}

let socket: FakeSocket;
let transport: SocketIoTransport;
let connections: Connection['state'][];
let rooms: Map<Room, string | undefined>;
let handlers: { [K in keyof TransportHandlers]: ReturnType<typeof vi.fn> };

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  socket = new FakeSocket();
  connections = [];
  rooms = new Map([['orders', 'c7']]);
  handlers = {
    onBatch: vi.fn(),
    onResync: vi.fn(),
    onConnection: vi.fn(({ state }: Connection) => connections.push(state)),
  };
  transport = new SocketIoTransport(() => Promise.resolve(socket));
  transport.start(handlers as unknown as TransportHandlers, () => rooms);
  await settle();
});
afterEach(() => {
  transport.stop();
  vi.useRealTimers();
});

describe('a connection', () => {
  it('joins every room behind its cursor before it counts as connected', async () => {
    let acknowledge: (answer: unknown) => void = () => undefined;
    socket.answer = () =>
      new Promise((resolve) => {
        acknowledge = resolve;
      });
    socket.happens('connect');
    await settle();
    expect(socket.asked).toEqual([['subscribe', { room: 'orders', cursor: 'c7' }]]);
    expect(connections).toEqual(['connecting', 'catching-up']);
    acknowledge({ status: 'ok', cursor: 'c7' });
    await settle();
    expect(connections.at(-1)).toBe('connected');
    expect(handlers.onResync).not.toHaveBeenCalled();
  });

  it('that is lost is tried again later and later, and says when', async () => {
    for (let i = 0; i < 8; i += 1) {
      socket.happens('connect_error');
      const [last] = handlers.onConnection.mock.lastCall ?? [];
      const delay = (last as { retryAtMs: number }).retryAtMs - Date.now();
      expect(delay).toBeGreaterThanOrEqual(Math.min(10_000, 500 * 2 ** i) / 2);
      expect(delay).toBeLessThanOrEqual(Math.min(10_000, 500 * 2 ** i));
      await vi.advanceTimersByTimeAsync(delay);
      expect(socket.connects).toBe(i + 2);
    }
  });

  it('that comes back joins again, from where the rooms are then', async () => {
    socket.happens('connect');
    await settle();
    socket.happens('disconnect');
    rooms = new Map<Room, string | undefined>([
      ['orders', 'c9'],
      ['order:ord_1', 'c9'],
    ]);
    await vi.advanceTimersByTimeAsync(1_000);
    socket.happens('connect');
    await settle();
    expect(socket.asked.slice(1)).toEqual([
      ['subscribe', { room: 'orders', cursor: 'c9' }],
      ['subscribe', { room: 'order:ord_1', cursor: 'c9' }],
    ]);
  });

  it('is not tried again once it is stopped', async () => {
    socket.happens('connect_error');
    transport.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.connects).toBe(1);
  });
});

describe('a room', () => {
  it.each([[{ status: 'resync_required', cursor: 'c99' }]])(
    'that cannot go on is read anew: %j',
    async (answer) => {
      socket.answer = () => Promise.resolve(answer);
      socket.happens('connect');
      await settle();
      expect(handlers.onResync).toHaveBeenCalledExactlyOnceWith('orders');
    },
  );

  it('of another store begins now, and is read anew', async () => {
    socket.answer = (_event, message) =>
      Promise.resolve(
        'cursor' in (message as object)
          ? { status: 'error', code: 'cursor_ahead' }
          : { status: 'ok', cursor: 'x1' },
      );
    socket.happens('connect');
    await settle();
    expect(socket.asked.at(-1)).toEqual(['subscribe', { room: 'orders' }]);
    expect(handlers.onResync).toHaveBeenCalledTimes(1);
  });

  it('that is joined without a cursor is read anew: what was read before may be older', async () => {
    socket.happens('connect');
    await settle();
    transport.join('events', undefined);
    await settle();
    expect(handlers.onResync).toHaveBeenCalledExactlyOnceWith('events');
  });

  it('that is not available for now is tried again', async () => {
    socket.answer = () => Promise.resolve({ status: 'error', code: 'unavailable' });
    socket.happens('connect');
    await settle();
    socket.answer = () => Promise.resolve({ status: 'ok' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.asked).toHaveLength(2);
  });

  it('whose joining a busy server does not answer in time is joined again', async () => {
    socket.answer = () => Promise.reject(new Error('operation has timed out'));
    socket.happens('connect');
    await settle();
    socket.answer = () => Promise.resolve({ status: 'ok' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.asked).toEqual(Array(2).fill(['subscribe', { room: 'orders', cursor: 'c7' }]));
  });

  it('is joined once with the next connection, where that comes first', async () => {
    socket.answer = () => Promise.reject(new Error('operation has timed out'));
    socket.happens('connect');
    await settle();
    socket.answer = () => Promise.resolve({ status: 'ok' });
    socket.happens('disconnect');
    socket.happens('connect');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(socket.asked).toHaveLength(2);
  });

  it('is told to resync by the server', async () => {
    socket.happens('resync_required', { room: 'events', cursor: 'c1', server_time: '' });
    expect(handlers.onResync).toHaveBeenCalledExactlyOnceWith('events');
  });
});

describe('batches', () => {
  it('come with the time of the server', () => {
    const items = [{ event: 'order:created', data: { id: 'a', version: 1, status: 'pending' } }];
    socket.happens('batch', {
      room: 'orders',
      cursor: 'c8',
      server_time: '2026-11-26T12:00:00.250Z',
      items,
    });
    expect(handlers.onBatch).toHaveBeenCalledExactlyOnceWith({
      room: 'orders',
      cursor: 'c8',
      serverTimeMs: Date.parse('2026-11-26T12:00:00.250Z'),
      items,
    });
  });

  it.each([[undefined], ['x'], [{}], [{ room: 'orders' }], [{ room: 1, cursor: 'c', items: [] }]])(
    'that are none are dropped: %j',
    (message) => {
      socket.happens('batch', message);
      expect(handlers.onBatch).not.toHaveBeenCalled();
    },
  );
});
