import { expect, it } from 'vitest';
import { stepStates } from '@/features/order/timeline/step-states';
import type { EventType, Status, Step } from '@/shared/domain/vocabulary';
import type { OrderEvent } from '@/shared/live/transport';

let version = 0;
function event(type: EventType, step?: Step, data: object = {}, run = 1): OrderEvent {
  version += 1;
  return {
    id: `evt_${version}`,
    type,
    schema_version: 1,
    order_id: 'ord_x',
    version,
    run,
    ...(step && { step }),
    correlation_id: 'c',
    causation_id: 'c',
    actor: { kind: 'system', id: 'engine' },
    occurred_at: '2026-11-26T12:00:00.000Z',
    hash: '',
    data,
  } as unknown as OrderEvent;
}

const order = (status: Status, step: Step, outstanding?: Step[], run = 1) => ({
  status,
  step,
  run,
  ...(outstanding && { undo: { outstanding } }),
});
const states = (...args: Parameters<typeof stepStates>) => stepStates(...args).map((s) => s.state);

const reserved = () => event('InventoryReserved', 'reserve_inventory');
const authorized = () => event('PaymentAuthorized', 'authorize_payment');

it('begins with the first step', () => {
  expect(states(order('pending', 'reserve_inventory'), [event('OrderCreated')])).toEqual([
    'current',
    'todo',
    'todo',
    'todo',
    'todo',
    'todo',
  ]);
});

it('tells a step that fails from one that is under way', () => {
  const failure = event('StepAttemptFailed', 'authorize_payment', { code: 'issuer_unavailable' });
  const views = stepStates(order('processing', 'authorize_payment'), [
    reserved(),
    failure,
    failure,
  ]);
  expect(views[1]).toMatchObject({ state: 'retrying', failures: 2, code: 'issuer_unavailable' });
  expect(states(order('dead_lettered', 'authorize_payment'), [reserved(), failure])[1]).toBe(
    'dead',
  );
  expect(states(order('on_hold', 'authorize_payment'), [reserved()])[1]).toBe('held');
});

it('shows an undo while it runs, where it stopped, and when it is over', () => {
  const events = [
    reserved(),
    authorized(),
    event('ShipmentRejected', 'book_shipment', { code: 'undeliverable' }),
  ];
  const undoing: Step[] = ['authorize_payment', 'reserve_inventory'];
  expect(states(order('compensating', 'book_shipment', undoing), events).slice(0, 3)).toEqual([
    'undoing',
    'undoing',
    'refused',
  ]);
  expect(states(order('needs_attention', 'book_shipment', undoing), events).slice(0, 2)).toEqual([
    'undoing',
    'stuck-undo',
  ]);
  const undone = [
    ...events,
    event('PaymentVoided', 'authorize_payment'),
    event('InventoryReleased', 'reserve_inventory'),
  ];
  expect(states(order('failed', 'book_shipment'), undone).slice(0, 4)).toEqual([
    'undone',
    'undone',
    'refused',
    'todo',
  ]);
});

it('does not call undone what was never done', () => {
  const events = [reserved(), event('PaymentVoided', 'authorize_payment', { effect: 'none' })];
  expect(states(order('cancelling', 'authorize_payment', ['reserve_inventory']), events)).toEqual([
    'undoing',
    'todo',
    'todo',
    'todo',
    'todo',
    'todo',
  ]);
});

it('looks at the present run only', () => {
  const events = [reserved(), authorized(), event('InventoryReserved', 'reserve_inventory', {}, 2)];
  expect(
    states(order('processing', 'authorize_payment', undefined, 2), events).slice(0, 2),
  ).toEqual(['done', 'current']);
});
