import { type EventType, words } from '@/shared/domain/vocabulary';
import type { OrderEvent } from '@/shared/live/transport';
import type { Tone } from '@/shared/ui/badge';

const TONES: Record<EventType, Tone> = {
  OrderCreated: 'info',
  InventoryReserved: 'good',
  InventoryRejected: 'bad',
  InventoryReleased: 'undo',
  PaymentAuthorized: 'good',
  PaymentDeclined: 'bad',
  PaymentVoided: 'undo',
  ShipmentBooked: 'good',
  ShipmentRejected: 'bad',
  ShipmentCancelled: 'undo',
  PaymentCaptured: 'good',
  PaymentRefunded: 'undo',
  ShipmentDispatched: 'good',
  InventoryCommitted: 'good',
  StepAttemptFailed: 'warn',
  OrderDeadLettered: 'bad',
  OrderRetried: 'info',
  OrderRestarted: 'info',
  OrderHeld: 'warn',
  OrderReleased: 'info',
  CancelRequested: 'undo',
  CancelRejected: 'bad',
  ContactErased: 'quiet',
  CompensationStarted: 'undo',
  CompensationFailed: 'bad',
  CompensationResolved: 'undo',
  OrderCancelled: 'quiet',
  OrderFailed: 'bad',
  OrderCompleted: 'good',
  EventIgnored: 'quiet',
};

export function eventTone(type: EventType): Tone {
  return TONES[type];
}

/** The members that tell most, in a line. */
const TOLD = [
  'code',
  'class',
  'cause',
  'reason',
  'resume_status',
  'effect',
  'carrier',
  'tracking',
  'external_reference',
  'original_type',
] as const;

export function eventSummary(event: OrderEvent): string {
  const data: Record<string, unknown> = { ...event.data };
  const parts: string[] = [];
  if (event.step && event.type.startsWith('StepAttempt')) {
    const action = data.action === 'undo' ? 'undo ' : '';
    parts.push(`${action}${words(event.step).toLowerCase()}`);
  }
  if (event.attempt !== undefined && event.attempt > 1) parts.push(`attempt ${event.attempt}`);
  for (const name of TOLD) {
    const value = data[name];
    if (typeof value === 'string' && value !== '') parts.push(value.replaceAll('_', ' '));
  }
  if (event.actor.kind === 'operator') parts.push(`by ${event.actor.id}`);
  return parts.join(' · ');
}
