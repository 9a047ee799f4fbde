import { expect, it } from 'vitest';
import { runAll } from '@/shared/lib/run-all';

const options = { atATime: 2, onProgress: () => undefined };

it('does every item once, no more than a few at a time', async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  const end = await runAll({
    ...options,
    items: [1, 2, 3, 4, 5],
    signal: new AbortController().signal,
    work: async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      seen.push(item);
      running -= 1;
    },
  });
  expect(seen.sort()).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  expect(end.results).toHaveLength(5);
});

it('goes on after a failure, and keeps it', async () => {
  const end = await runAll({
    ...options,
    items: ['a', 'b', 'c'],
    signal: new AbortController().signal,
    work: (item) => (item === 'b' ? Promise.reject(new Error('no')) : Promise.resolve(item)),
  });
  const failed = end.results.filter(({ outcome }) => !outcome.ok).map(({ item }) => item);
  expect(failed).toEqual(['b']);
});

it('begins nothing more once it is stopped', async () => {
  const stop = new AbortController();
  const end = await runAll({
    items: [1, 2, 3, 4, 5, 6],
    atATime: 1,
    signal: stop.signal,
    onProgress: ({ results }) => {
      if (results.length === 2) stop.abort();
    },
    work: (item) => Promise.resolve(item),
  });
  expect(end.results.map(({ item }) => item)).toEqual([1, 2]);
  expect(end.total).toBe(6);
});

it('is done at once with nothing', async () => {
  const end = await runAll({
    ...options,
    items: [],
    signal: new AbortController().signal,
    work: () => Promise.resolve(0),
  });
  expect(end).toEqual({ total: 0, results: [] });
});
