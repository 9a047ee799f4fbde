/** The query text as chips: single terms that can be turned round or taken away. */
import { termsOf } from '@/shared/domain/order-query';
import { words } from '@/shared/domain/vocabulary';

export interface Term {
  text: string;
  isExcluded: boolean;
  field: string;
  value: string;
}

export function termList(query: string): Term[] {
  return termsOf(query).map((text) => {
    const isExcluded = text.startsWith('-');
    const bare = isExcluded ? text.slice(1) : text;
    const colon = bare.indexOf(':');
    return {
      text,
      isExcluded,
      field: colon < 0 ? '' : bare.slice(0, colon),
      value: colon < 0 ? bare : bare.slice(colon + 1),
    };
  });
}

/** `Status is Failed, Cancelled`. */
export function termWords({ field, value, isExcluded }: Term): string {
  const shown =
    field === 'status' || field === 'step' ? value.split(',').map(words).join(', ') : value;
  if (field === 'created') return `Placed ${timeWords(shown)}`;
  if (field === 'updated') return `Changed ${timeWords(shown)}`;
  if (field === 'failing') return (value === 'true') !== isExcluded ? 'Failing' : 'Not failing';
  if (field === '') return shown;
  return `${words(field)} ${isExcluded ? 'is not' : 'is'} ${shown}`;
}

function timeWords(value: string): string {
  const [, sign = '', time = value] = /^(>=?|<=?)(.*)$/.exec(value) ?? [];
  return `${TIME_SIGNS[sign] ?? ''}${time}`;
}

const TIME_SIGNS: Record<string, string> = {
  '>': 'after ',
  '>=': 'from ',
  '<': 'before ',
  '<=': 'until ',
};

/** Only what the list can exclude. */
export function canTurn(term: Term): boolean {
  return ['status', 'step', 'customer', 'reference', 'failing'].includes(term.field);
}

export function withoutTerm(query: string, term: Term): string | undefined {
  return join(termsOf(query).filter((text) => text !== term.text));
}

export function withTurnedTerm(query: string, term: Term): string | undefined {
  const turned = term.isExcluded ? term.text.slice(1) : `-${term.text}`;
  return join(termsOf(query).map((text) => (text === term.text ? turned : text)));
}

/** A value more: of a field that has several, into the term that is there. */
export function withValue(query: string, field: string, value: string): string | undefined {
  const terms = termList(query);
  const known = terms.find((t) => t.field === field && !t.isExcluded);
  if (!known) return join([...termsOf(query), `${field}:${value}`]);
  if (known.value.split(',').includes(value)) return join(termsOf(query));
  const text = field === 'status' ? `${known.text},${value}` : `${field}:${value}`;
  return join(termsOf(query).map((t) => (t === known.text ? text : t)));
}

function join(terms: readonly string[]): string | undefined {
  return terms.length > 0 ? terms.join(' ') : undefined;
}
