import { describe, expect, it } from 'vitest';
import { columnsOf, columnsText } from '@/features/orders/columns';
import {
  canTurn,
  type Term,
  termList,
  termWords,
  withoutTerm,
  withTurnedTerm,
  withValue,
} from '@/features/orders/terms';
import { currentView, viewsAt } from '@/features/orders/views';

const first = (query: string): Term => {
  const [term] = termList(query);
  if (!term) throw new Error('no term');
  return term;
};

describe('chips', () => {
  it.each([
    ['status:dead_lettered,failed', 'Status is Dead lettered, Failed'],
    ['-step:book_shipment', 'Step is not Book shipment'],
    ['customer:c1', 'Customer is c1'],
    ['created:>=2026-01-01', 'Placed from 2026-01-01'],
    ['created:>2026-01-01', 'Placed after 2026-01-01'],
    ['updated:<2026-01-01', 'Changed before 2026-01-01'],
    ['updated:<=2026-01-01', 'Changed until 2026-01-01'],
    ['updated:2026', 'Changed 2026'],
    ['failed', 'failed'],
  ])('%s reads: %s', (query, text) => expect(termWords(first(query))).toBe(text));

  it('turn round only what can be excluded', () => {
    expect(canTurn(first('status:failed'))).toBe(true);
    expect(canTurn(first('sku:A'))).toBe(false);
    expect(canTurn(first('created:2026-01-01'))).toBe(false);
  });

  it('change the query text, and nothing else in it', () => {
    const query = 'status:failed  customer:c1 -step:book_shipment';
    expect(withoutTerm(query, first(query))).toBe('customer:c1 -step:book_shipment');
    expect(withTurnedTerm(query, first(query))).toBe(
      '-status:failed customer:c1 -step:book_shipment',
    );
    expect(withTurnedTerm('-status:failed', first('-status:failed'))).toBe('status:failed');
    expect(withoutTerm('status:failed', first('status:failed'))).toBeUndefined();
  });

  it('add values', () => {
    expect(withValue('', 'status', 'failed')).toBe('status:failed');
    expect(withValue('status:failed', 'status', 'cancelled')).toBe('status:failed,cancelled');
    expect(withValue('status:failed', 'status', 'failed')).toBe('status:failed');
    expect(withValue('step:book_shipment', 'step', 'capture_payment')).toBe('step:capture_payment');
    expect(withValue('-status:failed', 'status', 'pending')).toBe('-status:failed status:pending');
  });
});

describe('columns', () => {
  it('are those of the URL, in their own sequence, with the order first', () => {
    expect(columnsOf('total,status,nonsense').map((c) => c.id)).toEqual([
      'order',
      'status',
      'total',
    ]);
    expect(columnsOf(undefined).map((c) => c.id)).toContain('failure');
  });
  it('stand in the URL only where they are not the usual ones', () => {
    expect(columnsText(columnsOf(undefined).map((c) => c.id))).toBeUndefined();
    expect(columnsText(['order', 'total'])).toBe('total');
    expect(columnsOf(columnsText(['order'])).map((c) => c.id)).toEqual(['order']);
  });
});

describe('views', () => {
  const views = viewsAt(Date.parse('2026-11-26T18:00:00Z'), 'Europe/Berlin');
  it('are found by what the URL says', () => {
    expect(currentView(views, {})?.id).toBe('all');
    expect(currentView(views, { q: 'status:dead_lettered' })?.id).toBe('dead-lettered');
    expect(currentView(views, { q: 'status:dead_lettered', fingerprint: 'x' })).toBeUndefined();
    expect(currentView(views, { q: 'customer:c1' })).toBeUndefined();
  });
  it('take the day of the zone', () => {
    const today = views.find((v) => v.id === 'completed-today');
    expect(today?.search.q).toBe('status:completed updated:>=2026-11-25T23:00:00Z');
  });
});
