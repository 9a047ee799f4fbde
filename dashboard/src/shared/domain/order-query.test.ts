import { describe, expect, it } from 'vitest';
import { isWanted, matches, parametersOf, parseOrderQuery } from '@/shared/domain/order-query';
import type { Status } from '@/shared/domain/vocabulary';

/** As the command line writes it, so that both have the same cases. */
function asked(text: string): string {
  const parsed = parseOrderQuery(text);
  if (!parsed.ok) return `error: ${parsed.because}`;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parametersOf(parsed.query))) {
    for (const one of [value].flat()) search.append(name, String(one));
  }
  return search.toString();
}

const row = {
  status: 'processing' as Status,
  customer_id: 'c1',
  step: 'book_shipment',
  reference: 'R1',
  created_at: '2026-01-15T12:00:00.000Z',
  updated_at: '2026-01-16T12:00:00.000Z',
};

function shown(text: string): boolean {
  const parsed = parseOrderQuery(text);
  if (!parsed.ok) throw new Error(parsed.because);
  return isWanted(parsed.query, row);
}

function live(text: string, changes: Partial<typeof row> & { fingerprint?: string } = {}): boolean {
  const parsed = parseOrderQuery(text);
  if (!parsed.ok) throw new Error(parsed.because);
  return matches(parsed.query, { ...row, ...changes });
}

describe('terms become the filter of the server', () => {
  it.each([
    ['', ''],
    ['  \t', ''],
    ['status:failed', 'status=failed'],
    [
      'status:failed,cancelled status:failed status:pending',
      'status=failed&status=cancelled&status=pending',
    ],
    [
      'customer:c1 sku:A/B reference:R-17 step:book_shipment',
      'step=book_shipment&customer_id=c1&reference=R-17&sku=A%2FB',
    ],
    ['customer:c1 customer:c1', 'customer_id=c1'],
    ['created:>2026-01-01', 'created_after=2026-01-01T23%3A59%3A59.999Z'],
    ['created:>=2026-01-01', 'created_after=2025-12-31T23%3A59%3A59.999Z'],
    ['created:<2026-01-01', 'created_before=2026-01-01T00%3A00%3A00.000Z'],
    ['created:<=2026-01-01', 'created_before=2026-01-02T00%3A00%3A00.000Z'],
    [
      'created:2026-01-01',
      'created_after=2025-12-31T23%3A59%3A59.999Z&created_before=2026-01-02T00%3A00%3A00.000Z',
    ],
    ['created:<=2026-01-01T12:00:00Z', 'created_before=2026-01-01T12%3A00%3A00.001Z'],
    [
      'created:>2026-01-01 created:>2026-02-01T00:00:00Z created:>2026-01-15',
      'created_after=2026-02-01T00%3A00%3A00.000Z',
    ],
    [
      '-status:pending,processing,on_hold,dead_lettered,shipped,completed -status:cancelling,compensating,needs_attention',
      'status=cancelled&status=failed',
    ],
    ['status:failed,cancelled -status:failed', 'status=cancelled'],
    [
      'status:completed updated:>=2026-01-01 created:<2026-01-01',
      'status=completed&created_before=2026-01-01T00%3A00%3A00.000Z&updated_after=2025-12-31T23%3A59%3A59.999Z',
    ],
    [
      'updated:2026-01-01',
      'updated_after=2025-12-31T23%3A59%3A59.999Z&updated_before=2026-01-02T00%3A00%3A00.000Z',
    ],
    ['failing:true', 'failing=true'],
    ['-failing:true', 'failing=false'],
    ['failing:false failing:false -failing:true', 'failing=false'],
    ['-step:book_shipment -customer:c1 -reference:R1', ''],
  ])('%j', (text, query) => expect(asked(text)).toBe(query));
});

it('excludes here what the server cannot', () => {
  expect(shown('')).toBe(true);
  expect(shown('-step:book_shipment')).toBe(false);
  expect(shown('-customer:c2 -customer:c1')).toBe(false);
  expect(shown('-reference:R1')).toBe(false);
  expect(shown('-reference:R2 -customer:c2 -step:capture_payment')).toBe(true);
});

it('tells of a live row whether it belongs to the list', () => {
  expect(live('')).toBe(true);
  expect(live('status:processing step:book_shipment customer:c1 reference:R1')).toBe(true);
  expect(live('status:completed')).toBe(false);
  expect(live('status:processing', { status: 'completed' })).toBe(false);
  expect(live('created:2026-01-15')).toBe(true);
  expect(live('created:>2026-01-15')).toBe(false);
  expect(live('created:<2026-01-15T12:00:00Z')).toBe(false);
  expect(live('created:<=2026-01-15T12:00:00Z')).toBe(true);
  expect(live('sku:A')).toBe(false);
  expect(live('updated:2026-01-16 created:<2026-01-16')).toBe(true);
  expect(live('updated:<2026-01-16T12:00:00Z')).toBe(false);
  expect(live('failing:true')).toBe(false);
  expect(live('failing:true', { fingerprint: 'payment/x' })).toBe(true);
  expect(live('-failing:true', { fingerprint: 'payment/x' })).toBe(false);
});

describe('mistakes are named as the command line names them', () => {
  it.each([
    [
      'failed',
      '"failed" is no term: write FIELD:VALUE with one of status, step, customer, reference, sku, failing, created and updated (such as status:failed)',
    ],
    [
      'state:failed',
      'state is not a field; there are status, step, customer, reference, sku, failing, created and updated (such as status:failed)',
    ],
    ['status:', 'status: has no value'],
    [
      'status:done',
      'done is not a status; there are pending, processing, on_hold, dead_lettered, shipped, completed, cancelling, compensating, needs_attention, cancelled, failed',
    ],
    [
      '-step:pack',
      'pack is not a step; there are reserve_inventory, authorize_payment, book_shipment, capture_payment, dispatch_shipment, commit_inventory',
    ],
    ['status:failed -status:failed', 'no status is left'],
    ['customer:a customer:b', 'customer:a and customer:b exclude each other'],
    ['-sku:A', "-sku is not possible: the list does not tell an order's SKUs"],
    ['-created:2026-01-01', '-created is not possible: turn the comparison round'],
    ['-updated:2026-01-01', '-updated is not possible: turn the comparison round'],
    ['failing:true failing:false', 'failing:true and failing:false exclude each other'],
    ['failing:yes', 'failing:yes is not possible: write failing:true or failing:false'],
    [
      'created:yesterday',
      '"yesterday" is not a time: write 2026-01-31 or 2026-01-31T12:00:00Z, with <, <=, > or >= before it',
    ],
    [
      'created:2026-02-30',
      '"2026-02-30" is not a time: write 2026-01-31 or 2026-01-31T12:00:00Z, with <, <=, > or >= before it',
    ],
    ['created:=>2026-01-01', '=> is not a comparison'],
    [
      'created:>',
      '"" is not a time: write 2026-01-31 or 2026-01-31T12:00:00Z, with <, <=, > or >= before it',
    ],
  ])('%j', (text, because) => expect(asked(text)).toBe(`error: ${because}`));
});
