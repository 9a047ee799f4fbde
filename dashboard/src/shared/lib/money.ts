/**
 * Money as the API has it: whole minor units and the currency's exponent. No floating point: the
 * amount is split as digits, so 2^53 - 1 in any exponent is shown exactly.
 */
export interface Formatting {
  /** As in `Intl`, such as `en-GB`; absent: the browser's. */
  locale?: string;
}

const MAX_EXPONENT = 4;

function separators(locale: string | undefined): { group: string; decimal: string } {
  const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(1234567.8);
  const of = (type: string, otherwise: string) =>
    parts.find((p) => p.type === type)?.value ?? otherwise;
  return { group: of('group', ','), decimal: of('decimal', '.') };
}

const cache = new Map<string, { group: string; decimal: string }>();
function cachedSeparators(locale: string | undefined): { group: string; decimal: string } {
  const key = locale ?? '';
  let found = cache.get(key);
  if (!found) {
    found = separators(locale);
    cache.set(key, found);
  }
  return found;
}

/** The digits alone, such as `1,234.50`, with a real minus sign. */
export function formatAmount(minor: number, exponent: number, formatting: Formatting = {}): string {
  if (!Number.isSafeInteger(minor)) return '–';
  const { group, decimal } = cachedSeparators(formatting.locale);
  const places = Math.min(Math.max(exponent, 0), MAX_EXPONENT);
  const digits = String(Math.abs(minor)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, group);
  const fraction = places > 0 ? decimal + digits.slice(-places) : '';
  return `${minor < 0 ? '−' : ''}${whole}${fraction}`;
}

/** With its currency's code, which is never ambiguous: `EUR 1,234.50`. */
export function formatMoney(
  minor: number,
  currency: string,
  exponent: number,
  formatting: Formatting = {},
): string {
  return `${currency} ${formatAmount(minor, exponent, formatting)}`;
}

export type ParsedAmount = { ok: true; minor: number } | { ok: false; because: string };

/** What a person types, with a point or a comma before the decimals, as minor units. */
export function parseAmount(text: string, exponent: number): ParsedAmount {
  const trimmed = text.trim().replace('−', '-');
  if (trimmed === '') return { ok: false, because: 'An amount is missing.' };
  const match = /^(-?)(\d+)(?:[.,](\d*))?$/.exec(trimmed);
  if (!match) return { ok: false, because: 'Write digits only, such as 12.50.' };
  const [, sign, whole = '', fraction = ''] = match;
  if (fraction.length > exponent) {
    const places = exponent === 0 ? 'no decimals' : `at most ${exponent} decimals`;
    return { ok: false, because: `This currency has ${places}.` };
  }
  const minor = BigInt(whole + fraction.padEnd(exponent, '0'));
  if (minor > BigInt(Number.MAX_SAFE_INTEGER)) return { ok: false, because: 'Too large.' };
  const value = Number(minor);
  return { ok: true, minor: sign === '-' && value !== 0 ? -value : value };
}

/**
 * Decimals of a currency, for forms only: what the server says of an order wins. ISO 4217 as Intl
 * knows it.
 */
export function exponentOf(currency: string): number {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** A sum, or undefined where it leaves what is exact. */
export function addMinor(amounts: Iterable<number>): number | undefined {
  let sum = 0;
  for (const amount of amounts) {
    sum += amount;
    if (!Number.isSafeInteger(sum)) return undefined;
  }
  return sum;
}
