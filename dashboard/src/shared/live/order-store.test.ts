import { beforeEach, describe, expect, it, vi } from 'vitest';
import { OrderStore } from '@/shared/live/order-store';
import type { OrderRow } from '@/shared/live/transport';

function row(id: string, version: number): OrderRow {
  return {
    id,
    version,
    customer_id: 'c1',
    currency: 'EUR',
    currency_exponent: 2,
    total: 100,
    status: 'pending',
    health: 'ok',
    step: 'reserve_inventory',
    run: 1,
    generation: 1,
    attempts: 0,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    correlation_id: 'x',
  };
}

let frames: (() => void)[] = [];
const draw = () => {
  const due = frames;
  frames = [];
  for (const frame of due) frame();
};
const newStore = (limit?: number) => new OrderStore((flush) => frames.push(flush), limit);

beforeEach(() => {
  frames = [];
});

describe('versions', () => {
  it('keeps the newest, whatever comes later', () => {
    const store = newStore();
    store.put([row('a', 3)]);
    store.put([row('a', 2)]);
    expect(store.get('a')?.version).toBe(3);
    store.put([row('a', 5), row('a', 4)]);
    expect(store.get('a')?.version).toBe(5);
  });

  it('tells nobody of a version that is known', () => {
    const store = newStore();
    const seen = vi.fn();
    store.put([row('a', 3)]);
    store.subscribe('a', seen);
    store.put([row('a', 3), row('a', 1)]);
    expect(frames).toHaveLength(0);
    expect(seen).not.toHaveBeenCalled();
  });
});

describe('one flush per frame', () => {
  it('merges everything that came before the frame', () => {
    const store = newStore();
    const a = vi.fn();
    const b = vi.fn();
    store.subscribe('a', a);
    store.subscribe('b', b);
    for (let version = 1; version <= 500; version += 1) store.put([row('a', version)]);
    expect(frames).toHaveLength(1);
    expect(a).not.toHaveBeenCalled();
    draw();
    expect(a).toHaveBeenCalledTimes(1);
    expect(b).not.toHaveBeenCalled();
    expect(store.get('a')?.version).toBe(500);
  });

  it('draws no frame for rows that nobody shows', () => {
    newStore().put([row('a', 1)]);
    expect(frames).toHaveLength(0);
  });

  it('takes what comes during a flush into the next frame', () => {
    const store = newStore();
    store.subscribe('a', () => store.put([row('b', 1)]));
    const b = vi.fn();
    store.subscribe('b', b);
    store.put([row('a', 1)]);
    draw();
    expect(b).not.toHaveBeenCalled();
    draw();
    expect(b).toHaveBeenCalledTimes(1);
  });

  it('calls nobody who has gone', () => {
    const store = newStore();
    const seen = vi.fn();
    const leave = store.subscribe('a', seen);
    store.put([row('a', 1)]);
    leave();
    draw();
    expect(seen).not.toHaveBeenCalled();
    expect(store.isShown('a')).toBe(false);
  });
});

describe('pauses', () => {
  it('keeps a row as it is and shows the newest afterwards', () => {
    const store = newStore();
    const seen = vi.fn();
    store.put([row('a', 1)]);
    store.subscribe('a', seen);
    const resume = store.pause('a');
    store.put([row('a', 2), row('a', 4), row('a', 3)]);
    expect(store.get('a')?.version).toBe(1);
    expect(store.hasWaiting('a')).toBe(true);
    draw();
    resume();
    resume();
    draw();
    expect(store.get('a')?.version).toBe(4);
    expect(store.hasWaiting('a')).toBe(false);
    expect(seen).toHaveBeenCalled();
  });

  it('lasts until the last one who asked lets go', () => {
    const store = newStore();
    store.put([row('a', 1)]);
    const first = store.pause('a');
    const second = store.pause('a');
    store.put([row('a', 2)]);
    first();
    expect(store.get('a')?.version).toBe(1);
    second();
    expect(store.get('a')?.version).toBe(2);
  });
});

it('forgets the longest unchanged of those that nobody shows', () => {
  const store = newStore(3);
  store.subscribe('a', () => undefined);
  store.put([row('a', 1), row('b', 1), row('c', 1)]);
  store.put([row('b', 2)]);
  store.put([row('d', 1)]);
  expect(['a', 'b', 'c', 'd'].filter((id) => store.get(id))).toEqual(['a', 'b', 'd']);
  expect(store.size).toBe(3);
});
