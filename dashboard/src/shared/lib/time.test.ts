import { describe, expect, it } from 'vitest';
import {
  ago,
  countdown,
  dayOf,
  duration,
  fullTime,
  isZone,
  lasting,
  localiseTimes,
  shortTime,
  startOfDay,
  timeOfDay,
} from '@/shared/lib/time';

const at = (text: string) => Date.parse(text);

describe('zones', () => {
  it('tells the same moment in each zone', () => {
    const ms = at('2026-11-26T23:30:05.120Z');
    expect(fullTime(ms, 'UTC')).toBe('2026-11-26 23:30:05.120 UTC');
    expect(fullTime(ms, 'Europe/Berlin')).toBe('2026-11-27 00:30:05.120 GMT+1');
    expect(fullTime(ms, 'Asia/Kolkata')).toBe('2026-11-27 05:00:05.120 GMT+5:30');
    expect(dayOf(ms, 'America/Los_Angeles')).toBe('2026-11-26');
  });

  it('shows midnight as 00 and keeps milliseconds', () => {
    expect(timeOfDay(at('2026-01-01T00:00:00.007Z'), 'UTC', true)).toBe('00:00:00.007');
  });

  it('adds the date where it is not the same day in that zone', () => {
    const now = at('2026-11-27T00:10:00Z');
    const before = at('2026-11-26T23:50:00Z');
    expect(shortTime(before, now, 'UTC')).toBe('11-26 23:50');
    expect(shortTime(before, now, 'Europe/Berlin')).toBe('00:50:00');
    expect(shortTime(at('2025-11-26T23:50:00Z'), now, 'UTC')).toBe('2025-11-26 23:50');
  });

  it('adds the date as soon as the day is over', () => {
    const ms = at('2026-11-26T23:50:00Z');
    expect(shortTime(ms, at('2026-11-26T23:59:59.999Z'), 'UTC')).toBe('23:50:00');
    expect(shortTime(ms, at('2026-11-27T00:00:00Z'), 'UTC')).toBe('11-26 23:50');
    expect(shortTime(ms, at('2026-11-27T00:00:00Z'), 'Europe/Berlin')).toBe('00:50:00');
  });

  it('knows which zones there are', () => {
    expect(isZone('local')).toBe(true);
    expect(isZone('Europe/Berlin')).toBe(true);
    expect(isZone('Mars/Olympus')).toBe(false);
  });
});

describe('startOfDay', () => {
  it.each([
    ['2026-11-26T18:04:05.123Z', 'UTC', '2026-11-26T00:00:00.000Z'],
    ['2026-11-26T18:04:05.123Z', 'Europe/Berlin', '2026-11-25T23:00:00.000Z'],
    // 23 hours: clocks go forward at 01:00Z.
    ['2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    // 25 hours: clocks go back at 01:00Z.
    ['2026-10-25T12:00:00Z', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
    ['2026-11-26T00:00:00.000Z', 'UTC', '2026-11-26T00:00:00.000Z'],
  ])('of %s in %s is %s', (now, zone, start) => {
    expect(new Date(startOfDay(at(now), zone)).toISOString()).toBe(start);
  });
});

describe('duration', () => {
  it.each([
    [0, '< 1 ms'],
    [0.4, '< 1 ms'],
    [1, '1 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [1999, '1.9 s'],
    [9999, '9.9 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h'],
    [12_000_000, '3 h 20 min'],
    [187_200_000, '2 d 4 h'],
    [-5, '< 1 ms'],
    [Number.NaN, '–'],
  ])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
});

describe('countdown', () => {
  it('is never 0 before it is due, and says now from then on', () => {
    expect(countdown(10_000, 9_999)).toBe('in 1 s');
    expect(countdown(10_000, 6_000)).toBe('in 4 s');
    expect(countdown(10_000, 5_999)).toBe('in 5 s');
    expect(countdown(10_000, 10_000)).toBe('now');
    expect(countdown(10_000, 99_000)).toBe('now');
  });
  it('has larger units', () => {
    expect(countdown(60_000, 0)).toBe('in 1 min');
    expect(countdown(59_001, 0)).toBe('in 1 min');
    expect(countdown(3_725_000, 0)).toBe('in 1 h 2 min');
  });
});

it('says how long something has lasted, in whole seconds', () => {
  expect([-5, 0, 1_999, 7_000, 59_999, 125_000].map(lasting)).toEqual([
    '1 s',
    '1 s',
    '1 s',
    '7 s',
    '59 s',
    '2 min 5 s',
  ]);
});

it('says how long ago', () => {
  expect(ago(0, 1_999)).toBe('just now');
  expect(ago(5_000, 0)).toBe('just now');
  expect(ago(0, 12_900)).toBe('12 s ago');
  expect(ago(0, 3_700_000)).toBe('1 h ago');
  expect(ago(0, 200_000_000)).toBe('2 d ago');
});

it('puts the times of a sentence into the zone', () => {
  const now = at('2026-11-26T15:10:00Z');
  expect(localiseTimes('Called again at 2026-11-26T15:01:38.315Z.', now, 'Europe/Berlin')).toBe(
    'Called again at 16:01:38.',
  );
  expect(localiseTimes('No time here.', now, 'UTC')).toBe('No time here.');
});
