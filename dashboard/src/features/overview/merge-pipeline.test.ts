import { describe, expect, it } from 'vitest';
import { mergePipeline, perSecond, thinned } from '@/features/overview/merge-pipeline';
import type { Schemas } from '@/shared/api/client';

const T0 = Date.parse('2026-11-26T12:00:00.000Z');

/** Seconds `from` to `to`; each number says its second. */
function pipeline(from: number, to: number): Schemas['Pipeline'] {
  const series = Array.from({ length: to - from }, (_, i) => from + i);
  return {
    at: new Date(T0 + to * 1000 + 200).toISOString(),
    first_second: new Date(T0 + from * 1000).toISOString(),
    seconds: to - from,
    steps: [
      {
        step: 'reserve_inventory',
        participant: 'inventory',
        orders: to,
        in_flight: 0,
        waiting: 0,
        retrying: 0,
        dead: 0,
        breaker: 'closed',
        last_minute: none,
        shown: none,
        series: {
          in: series,
          out: series,
          calls: series,
          errors: series,
          p50_ms: series,
          p95_ms: series,
          p99_ms: series,
        },
      },
    ],
    open_money: [],
    series: { intake: series, completed: series, undone: series, dead_lettered: series },
    participants: [],
  };
}
const none = {
  in: 0,
  out: 0,
  calls: 0,
  errors: 0,
  errors_permille: null,
  p50_ms: null,
  p95_ms: null,
  p99_ms: null,
};

describe('mergePipeline', () => {
  it('goes on where the earlier one ends, and forgets what is too old', () => {
    const merged = mergePipeline(pipeline(0, 5), pipeline(4, 7), 6);
    expect(merged?.series.intake).toEqual([1, 2, 3, 4, 5, 6]);
    expect(merged?.steps[0]?.series.p95_ms).toEqual([1, 2, 3, 4, 5, 6]);
    expect(merged?.first_second).toBe('2026-11-26T12:00:01.000Z');
    expect(merged?.seconds).toBe(6);
    expect(merged?.steps[0]?.orders).toBe(7);
  });

  it('takes the later numbers where both have them', () => {
    const later = pipeline(3, 5);
    later.series.intake = [30, 40];
    expect(mergePipeline(pipeline(0, 5), later, 10)?.series.intake).toEqual([0, 1, 2, 30, 40]);
  });

  it('joins without overlap, but not over a gap', () => {
    expect(mergePipeline(pipeline(0, 5), pipeline(5, 6), 10)?.seconds).toBe(6);
    expect(mergePipeline(pipeline(0, 5), pipeline(6, 8), 10)).toBeUndefined();
  });

  it('does not join with a server that has begun anew', () => {
    expect(mergePipeline(pipeline(5, 9), pipeline(3, 6), 10)).toBeUndefined();
  });

  it('grows from a server that has just begun', () => {
    expect(mergePipeline(pipeline(0, 1), pipeline(0, 3), 60)?.series.intake).toEqual([0, 1, 2]);
  });
});

it('tells rates', () => {
  expect(perSecond([1, 2, 3, 4], 2)).toBe('3.5');
  expect(perSecond([120, 121], 60)).toBe('121');
  expect(perSecond([3, 3], 60)).toBe('3.0');
  expect(perSecond([9, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10], 60)).toBe('9.9');
  expect(perSecond([19, 20], 60)).toBe('20');
  expect(perSecond([9.96], 60)).toBe('10');
  expect(perSecond([0, 0], 60)).toBe('0');
  expect(perSecond([], 60)).toBe('0');
});

it('thins without losing the sum', () => {
  expect(thinned([1, 3, 5, 7], 2)).toEqual([2, 6]);
  expect(thinned([1, 2, 3], 2)).toEqual([1.5, 3]);
  expect(thinned([], 5)).toEqual([]);
});
