import { isStep, type Step } from '@/shared/domain/vocabulary';
import { compact, oneOf, positive, type RawSearch, text } from '@/shared/lib/search-params';

export const TIMELINE_MODES = ['stages', 'attempts', 'events'] as const;
export type TimelineMode = (typeof TIMELINE_MODES)[number];
export const ORDER_TABS = ['timeline', 'attempts', 'json'] as const;
export type OrderTab = (typeof ORDER_TABS)[number];

export interface OrderSearch {
  tab?: OrderTab | undefined;
  mode?: TimelineMode | undefined;
  failed?: true | undefined;
  step?: Step | undefined;
  /** The order as it was then. */
  version?: number | undefined;
  /** The event that is laid open. */
  event?: number | undefined;
}

export function orderSearch(raw: RawSearch): OrderSearch {
  const step = text(raw.step);
  return compact({
    tab: oneOf(raw.tab, ORDER_TABS),
    mode: oneOf(raw.mode, TIMELINE_MODES),
    failed: raw.failed === true || raw.failed === 'true' ? true : undefined,
    step: step !== undefined && isStep(step) ? step : undefined,
    version: positive(raw.version),
    event: positive(raw.event),
  });
}
