/** Search parameters out of a URL that anybody may have typed: what is not understood is left out. */

export type RawSearch = Record<string, unknown>;

export function text(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function oneOf<T extends string>(value: unknown, known: readonly T[]): T | undefined {
  return known.find((word) => word === value);
}

export function positive(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** Without members that are undefined: they would stand in the URL. */
export function compact<T extends object>(search: T): T {
  for (const key of Object.keys(search) as (keyof T)[]) {
    if (search[key] === undefined) delete search[key];
  }
  return search;
}
