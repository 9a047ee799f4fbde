import { expect, it } from 'vitest';
import { jsonDiff } from '@/shared/lib/json-diff';

it('finds nothing in equal values, whatever the sequence of members', () => {
  expect(jsonDiff({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toEqual([]);
});

it('names what was added, removed and changed', () => {
  expect(jsonDiff({ a: 1, b: 2, c: { d: 'x' } }, { a: 1, c: { d: 'y' }, e: null })).toEqual([
    { pointer: '/b', kind: 'removed', from: 2 },
    { pointer: '/c/d', kind: 'changed', from: 'x', to: 'y' },
    { pointer: '/e', kind: 'added', to: null },
  ]);
});

it('compares arrays place by place', () => {
  expect(jsonDiff([1, 2], [1, 3, 4])).toEqual([
    { pointer: '/1', kind: 'changed', from: 2, to: 3 },
    { pointer: '/2', kind: 'added', to: 4 },
  ]);
});

it('keeps types apart, and escapes names', () => {
  expect(jsonDiff({ 'a/b~': 0 }, { 'a/b~': '0' })).toEqual([
    { pointer: '/a~1b~0', kind: 'changed', from: 0, to: '0' },
  ]);
  expect(jsonDiff([], {})).toHaveLength(1);
  expect(jsonDiff(null, undefined)).toHaveLength(1);
});
