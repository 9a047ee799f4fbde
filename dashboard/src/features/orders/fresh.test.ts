import { describe, expect, it } from 'vitest';
import type { ListFilter } from '@/features/orders/api/list-orders';
import { FRESH_MAX, Fresh } from '@/features/orders/fresh';
import { parseOrderQuery } from '@/shared/domain/order-query';
import type { LiveItem, OrderRow } from '@/shared/live/transport';

function filterOf(text: string): ListFilter {
  const parsed = parseOrderQuery(text);
  if (!parsed.ok) throw new Error(parsed.because);
  return { query: parsed.query, fingerprint: undefined };
}

function row(id: string, second: number, status: OrderRow['status'] = 'processing'): OrderRow {
  const created_at = `2026-11-26T18:00:0${second}.000Z`;
  return { id, status, created_at, updated_at: created_at, customer_id: 'c-1' } as OrderRow;
}

const updated = (data: OrderRow): LiveItem => ({ event: 'order:updated', data }) as LiveItem;

describe('Fresh', () => {
  it('counts each order once that is not in the list', () => {
    const fresh = new Fresh(filterOf(''));
    fresh.listed(filterOf(''), [row('a', 1)], false);
    fresh.take([updated(row('a', 1)), updated(row('b', 2)), updated(row('b', 2))]);
    fresh.take([updated(row('b', 2)), updated(row('c', 3))]);
    expect(fresh.count).toBe(2);
  });

  it('does not count what the list has by now, nor what is cleared', () => {
    const fresh = new Fresh(filterOf(''));
    fresh.take([updated(row('a', 1)), updated(row('b', 2)), updated(row('c', 3))]);
    fresh.listed(filterOf(''), [row('a', 1)], false);
    expect(fresh.count).toBe(2);
    fresh.clear();
    expect(fresh.count).toBe(0);
    fresh.take([updated(row('a', 1)), updated(row('c', 3))]);
    expect(fresh.count).toBe(1);
  });

  it('leaves what is older than the last row to the pages that are not loaded', () => {
    const fresh = new Fresh(filterOf(''));
    fresh.listed(filterOf(''), [row('c', 5), row('b', 3)], true);
    fresh.take([updated(row('x', 2)), updated(row('y', 4))]);
    expect(fresh.count).toBe(1);
    // Read further, and x was not on that page: it has come to belong since.
    fresh.listed(filterOf(''), [row('c', 5), row('b', 3), row('a', 1)], true);
    expect(fresh.count).toBe(2);
  });

  it('forgets what does not belong any more', () => {
    const filter = filterOf('status:processing');
    const fresh = new Fresh(filter);
    fresh.listed(filter, [], false);
    fresh.take([updated(row('a', 1)), updated(row('b', 2)), updated(row('c', 3, 'completed'))]);
    expect(fresh.count).toBe(2);
    fresh.take([updated(row('a', 1, 'completed'))]);
    expect(fresh.count).toBe(1);
  });

  it('remembers no more than it may, and says that there are more', () => {
    const fresh = new Fresh(filterOf(''));
    fresh.listed(filterOf(''), [row('a', 5)], true);
    const many = (name: string, second: number) =>
      Array.from({ length: FRESH_MAX + 5 }, (_, i) => updated(row(`${name}${i}`, second)));
    fresh.take(many('old', 1));
    expect([fresh.count, fresh.isMore]).toEqual([0, false]);
    fresh.take(many('new', 7).slice(0, FRESH_MAX));
    expect([fresh.count, fresh.isMore]).toEqual([FRESH_MAX, false]);
    fresh.take(many('new', 7));
    expect([fresh.count, fresh.isMore]).toEqual([FRESH_MAX, true]);
    fresh.clear();
    fresh.listed(filterOf(''), [row('a', 5)], false);
    expect([fresh.count, fresh.isMore]).toEqual([0, false]);
    // Of those that wait for the list to be read further, the last that came are remembered.
    fresh.listed(filterOf(''), [row('a', 5)], true);
    fresh.take(many('old', 1));
    fresh.listed(filterOf(''), [row('a', 5)], false);
    expect(fresh.count).toBe(FRESH_MAX);
    fresh.take([updated(row('old0', 1))]);
    expect(fresh.isMore).toBe(true);
  });
});
