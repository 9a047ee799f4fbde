import type { OrdersSearch } from '@/features/orders/search';
import { startOfDay, type Zone } from '@/shared/lib/time';

export interface View {
  id: string;
  label: string;
  hint?: string;
  search: Pick<OrdersSearch, 'q'>;
}

const IN_FLIGHT = 'status:pending,processing,shipped,cancelling,compensating';

/** Each is a query that could also be typed; today is the day of the zone. */
export function viewsAt(nowMs: number, zone: Zone): View[] {
  const today = new Date(startOfDay(nowMs, zone)).toISOString().replace('.000Z', 'Z');
  return [
    { id: 'all', label: 'All', search: {} },
    { id: 'in-flight', label: 'In flight', search: { q: IN_FLIGHT } },
    {
      id: 'retrying',
      label: 'Retrying',
      hint: 'In flight, with a failure that stands',
      search: { q: `${IN_FLIGHT} failing:true` },
    },
    { id: 'dead-lettered', label: 'Dead-lettered', search: { q: 'status:dead_lettered' } },
    {
      id: 'needs-attention',
      label: 'Needs attention',
      hint: 'An undo has stopped, or a person has put it on hold',
      search: { q: 'status:needs_attention,on_hold' },
    },
    {
      id: 'completed-today',
      label: 'Completed today',
      search: { q: `status:completed updated:>=${today}` },
    },
    { id: 'cancelled', label: 'Cancelled', search: { q: 'status:cancelling,cancelled' } },
  ];
}

export function currentView(views: readonly View[], search: OrdersSearch): View | undefined {
  if (search.fingerprint !== undefined) return undefined;
  return views.find((view) => view.search.q === search.q);
}
