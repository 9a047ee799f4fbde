/** What is different between two JSON values, place by place (JSON pointers), in reading order. */
export type Difference =
  | { pointer: string; kind: 'added'; to: unknown }
  | { pointer: string; kind: 'removed'; from: unknown }
  | { pointer: string; kind: 'changed'; from: unknown; to: unknown };

type Members = Record<string, unknown>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function jsonDiff(from: unknown, to: unknown, pointer = ''): Difference[] {
  if (Array.isArray(from) && Array.isArray(to)) {
    return members({ ...from }, { ...to }, pointer);
  }
  if (isObject(from) && isObject(to)) return members(from, to, pointer);
  return Object.is(from, to) ? [] : [{ pointer, kind: 'changed', from, to }];
}

function members(from: Members, to: Members, pointer: string): Difference[] {
  const names = [...Object.keys(from), ...Object.keys(to).filter((name) => !(name in from))];
  return names.flatMap((name): Difference[] => {
    const place = `${pointer}/${escaped(name)}`;
    if (!(name in to)) return [{ pointer: place, kind: 'removed', from: from[name] }];
    if (!(name in from)) return [{ pointer: place, kind: 'added', to: to[name] }];
    return jsonDiff(from[name], to[name], place);
  });
}
