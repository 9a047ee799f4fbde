import { expect, it } from 'vitest';
import { changedBy, type Draft } from '@/features/order/actions/changes';

const draft: Draft = {
  payment_method: 'pm_ok',
  ship_to: {
    name: 'Ada',
    line1: 'Main Street 1',
    city: 'Berlin',
    postal_code: '10115',
    country: 'DE',
    email: 'ada@example.org',
  },
  lines: [
    { sku: 'A', quantity: 2, unit_price: 100 },
    { sku: 'B', quantity: 1, unit_price: 50 },
  ],
};
const ALL = ['payment_method', 'ship_to', 'lines'] as const;

it('sends nothing where nothing is another', () => {
  expect(changedBy(draft, structuredClone(draft), ALL)).toEqual({
    changes: undefined,
    differences: [],
  });
});

it('sends a changed field whole, and tells what is different in it', () => {
  const after = { ...draft, ship_to: { ...draft.ship_to, city: 'Bonn', email: '' } };
  const { changes, differences } = changedBy(draft, after, ALL);
  expect(Object.keys(changes ?? {})).toEqual(['ship_to']);
  expect(changes?.ship_to).not.toHaveProperty('email');
  expect(differences).toEqual([
    { pointer: '/ship_to/city', kind: 'changed', from: 'Berlin', to: 'Bonn' },
    { pointer: '/ship_to/email', kind: 'removed', from: 'ada@example.org' },
  ]);
});

it('leaves a field alone that may not be changed', () => {
  const after = { ...draft, payment_method: 'pm_other' };
  expect(changedBy(draft, after, ['ship_to']).changes).toBeUndefined();
  expect(changedBy(draft, after, ALL).changes).toEqual({ payment_method: 'pm_other' });
});

it('takes away lines of which there are none left', () => {
  const after = {
    ...draft,
    lines: draft.lines.map((l) => (l.sku === 'A' ? { ...l, quantity: 0 } : l)),
  };
  expect(changedBy(draft, after, ALL).changes?.lines).toEqual([draft.lines[1]]);
});
