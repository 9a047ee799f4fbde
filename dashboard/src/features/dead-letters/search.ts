import { compact, type RawSearch, text } from '@/shared/lib/search-params';

export interface DeadLettersSearch {
  group?: string | undefined;
}

export function deadLettersSearch(raw: RawSearch): DeadLettersSearch {
  return compact({ group: text(raw.group) });
}
