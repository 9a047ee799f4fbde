import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { readAnew } from '@/shared/api/read-anew';

const queryKey = ['orders'];

/** Reads that the test answers, in the sequence in which they began. */
function shown() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const reads: PromiseWithResolvers<string>[] = [];
  const observer = new QueryObserver(client, {
    queryKey,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => {
      const read = Promise.withResolvers<string>();
      reads.push(read);
      return read.promise;
    },
  });
  observer.subscribe(() => undefined);
  return { client, reads, data: () => observer.getCurrentResult().data };
}

it('does not take a first read that has begun before for a new one', async () => {
  const { client, reads, data } = shown();
  const done = readAnew(client, { queryKey });
  reads[0]?.resolve('before');
  await expect.poll(() => reads.length).toBe(2);
  reads[1]?.resolve('after');
  await done;
  expect(data()).toBe('after');
});

it('replaces what is shown, and a read under way', async () => {
  const { client, reads, data } = shown();
  reads[0]?.resolve('first');
  await expect.poll(data).toBe('first');
  const early = readAnew(client, { queryKey });
  const late = readAnew(client, { queryKey });
  await expect.poll(() => reads.length).toBe(3);
  reads[2]?.resolve('last');
  reads[1]?.resolve('too early');
  await Promise.allSettled([early, late]);
  expect(data()).toBe('last');
});

it('says that it could not be read', async () => {
  const { client, reads } = shown();
  const done = readAnew(client, { queryKey });
  await expect.poll(() => reads.length).toBe(2);
  reads[1]?.reject(new Error('no'));
  await expect(done).rejects.toThrow('no');
});
