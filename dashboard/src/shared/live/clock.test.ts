import { expect, it } from 'vitest';
import { ServerClock } from '@/shared/live/clock';

function clockAt(start: number) {
  let now = start;
  const clock = new ServerClock(() => now);
  return {
    clock,
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
  };
}

it('is the local clock until something is known', () => {
  expect(clockAt(5_000).clock.nowMs()).toBe(5_000);
});

it('follows a server whose clock is an hour ahead', () => {
  const { clock, now } = clockAt(1_000_000);
  clock.seenExactly(now() + 3_600_000 - 20, 40);
  expect(clock.nowMs()).toBe(now() + 3_600_000);
});

it('prefers milliseconds to a date header, until they are old', () => {
  const { clock, now, pass } = clockAt(1_000_000);
  clock.seenExactly(now(), 0);
  clock.seen(new Date(now()).toUTCString(), now() - 10, now());
  expect(clock.nowMs()).toBe(now());
  pass(ServerClock.believedForMs + 1);
  clock.seen(new Date(now() + 60_000).toUTCString(), now() - 10, now());
  expect(Math.abs(clock.nowMs() - (now() + 60_000))).toBeLessThanOrEqual(1_000);
});

it('believes a contradiction at once: a clock was set, or a laptop slept', () => {
  const { clock, now } = clockAt(1_000_000);
  clock.seenExactly(now(), 0);
  clock.seen(new Date(now() + 7_200_000).toUTCString(), now() - 100, now());
  expect(clock.nowMs() - now()).toBeGreaterThan(7_000_000);
});

it('ignores a header that is none', () => {
  const { clock, now } = clockAt(1_000_000);
  clock.seen(null, 0, 0);
  clock.seen('yesterday', 0, 0);
  expect(clock.nowMs()).toBe(now());
});
