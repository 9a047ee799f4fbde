import type { Schemas } from '@/shared/api/client';

export type Status = Schemas['Status'];
export type Step = Schemas['Step'];
export type Health = Schemas['Health'];
export type Participant = Schemas['Participant'];
export type EventType = Schemas['EventType'];
export type ActionName = Schemas['CommandName'];
export type FailureClass = Schemas['FailureClass'];

export const STATUSES = [
  'pending',
  'processing',
  'on_hold',
  'dead_lettered',
  'shipped',
  'completed',
  'cancelling',
  'compensating',
  'needs_attention',
  'cancelled',
  'failed',
] as const satisfies readonly Status[];

export const STEPS = [
  'reserve_inventory',
  'authorize_payment',
  'book_shipment',
  'capture_payment',
  'dispatch_shipment',
  'commit_inventory',
] as const satisfies readonly Step[];

/** The stages that people think in: each has two steps. */
export const STAGES = [
  { id: 'inventory', label: 'Inventory', steps: ['reserve_inventory', 'commit_inventory'] },
  { id: 'payment', label: 'Payment', steps: ['authorize_payment', 'capture_payment'] },
  { id: 'shipping', label: 'Shipping', steps: ['book_shipment', 'dispatch_shipment'] },
] as const satisfies readonly { id: Participant; label: string; steps: readonly Step[] }[];

const FINAL: ReadonlySet<Status> = new Set(['completed', 'cancelled', 'failed']);

export function isFinal(status: Status): boolean {
  return FINAL.has(status);
}

export function isStatus(text: string): text is Status {
  return (STATUSES as readonly string[]).includes(text);
}

export function isStep(text: string): text is Step {
  return (STEPS as readonly string[]).includes(text);
}

/** `dead_lettered` as people read it: `Dead-lettered`, `On hold`. The word itself stays recognisable. */
export function words(name: string): string {
  const text = name.replaceAll('_', ' ').replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function statusLabel(status: Status): string {
  return status === 'dead_lettered' ? 'Dead-lettered' : words(status);
}

/** `StepAttemptFailed` as `Step attempt failed`. */
export function eventLabel(type: string): string {
  const text = type.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
