import { compact, oneOf, type RawSearch } from '@/shared/lib/search-params';

export const WINDOWS = ['1m', '5m', '15m'] as const;
export type Window = (typeof WINDOWS)[number];

export const WINDOW_SECONDS: Record<Window, number> = { '1m': 60, '5m': 300, '15m': 900 };

export interface OverviewSearch {
  window?: Window | undefined;
}

export function overviewSearch(raw: RawSearch): OverviewSearch {
  return compact({ window: oneOf(raw.window, WINDOWS) });
}
