/** Where each step of the present run stands, out of the order's events up to a version. */

import { type EventType, STEPS, type Status, type Step } from '@/shared/domain/vocabulary';
import type { OrderEvent } from '@/shared/live/transport';

export type StepState =
  | 'todo'
  | 'current'
  | 'retrying'
  | 'held'
  | 'dead'
  | 'done'
  | 'refused'
  | 'undoing'
  | 'undone'
  | 'stuck-undo';

export interface StepView {
  step: Step;
  state: StepState;
  failures: number;
  /** From the first call to the last outcome; absent where there is none. */
  startedMs: number | undefined;
  endedMs: number | undefined;
  code: string | undefined;
}

const DONE: ReadonlySet<EventType> = new Set([
  'InventoryReserved',
  'PaymentAuthorized',
  'ShipmentBooked',
  'PaymentCaptured',
  'ShipmentDispatched',
  'InventoryCommitted',
]);
const REFUSED: ReadonlySet<EventType> = new Set([
  'InventoryRejected',
  'PaymentDeclined',
  'ShipmentRejected',
]);
const UNDONE: ReadonlySet<EventType> = new Set([
  'InventoryReleased',
  'PaymentVoided',
  'ShipmentCancelled',
  'PaymentRefunded',
]);

interface OrderNow {
  status: Status;
  step: Step;
  run: number;
  undo?: { outstanding: readonly Step[] } | undefined;
}

interface Folded {
  done: boolean;
  refused: boolean;
  undone: boolean;
  failures: number;
  startedMs: number | undefined;
  endedMs: number | undefined;
  code: string | undefined;
}

function startedAt(event: OrderEvent): number | undefined {
  const at = 'started_at' in event.data ? event.data.started_at : undefined;
  return typeof at === 'string' ? Date.parse(at) : undefined;
}

function codeOf(event: OrderEvent): string | undefined {
  const code = 'code' in event.data ? event.data.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export function fold(events: readonly OrderEvent[], run: number): Map<Step, Folded> {
  const folded = new Map<Step, Folded>();
  for (const event of events) {
    if (event.run !== run || event.step === undefined) continue;
    const known = folded.get(event.step) ?? {
      done: false,
      refused: false,
      undone: false,
      failures: 0,
      startedMs: undefined,
      endedMs: undefined,
      code: undefined,
    };
    const occurred = Date.parse(event.occurred_at);
    known.startedMs ??= startedAt(event) ?? occurred;
    known.endedMs = occurred;
    if (DONE.has(event.type)) Object.assign(known, { done: true, code: undefined });
    if (REFUSED.has(event.type)) Object.assign(known, { refused: true, code: codeOf(event) });
    if (UNDONE.has(event.type)) known.undone = true;
    if (event.type === 'StepAttemptFailed') {
      known.failures += 1;
      known.code = codeOf(event);
    }
    folded.set(event.step, known);
  }
  return folded;
}

export function stepStates(order: OrderNow, events: readonly OrderEvent[]): StepView[] {
  const folded = fold(events, order.run);
  return STEPS.map((step) => {
    const known = folded.get(step);
    return {
      step,
      state: stateOf(step, order, known),
      failures: known?.failures ?? 0,
      startedMs: known?.startedMs,
      endedMs: known?.endedMs,
      code: known?.code,
    };
  });
}

function stateOf(step: Step, order: OrderNow, known: Folded | undefined): StepState {
  const outstanding = order.undo?.outstanding ?? [];
  if (outstanding.includes(step)) {
    const isHead = outstanding[0] === step;
    if (order.status === 'needs_attention') return isHead ? 'stuck-undo' : 'undoing';
    if (order.status === 'cancelling' || order.status === 'compensating') return 'undoing';
  }
  if (known?.refused) return 'refused';
  if (known?.undone) return known.done ? 'undone' : 'todo';
  if (known?.done) return 'done';
  if (step !== order.step) return 'todo';
  switch (order.status) {
    case 'pending':
    case 'processing':
    case 'shipped':
      return (known?.failures ?? 0) > 0 ? 'retrying' : 'current';
    case 'on_hold':
      return 'held';
    case 'dead_lettered':
      return 'dead';
    default:
      return 'todo';
  }
}
