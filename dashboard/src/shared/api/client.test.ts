import { expect, it } from 'vitest';
import { take } from '@/shared/api/client';

it.each([[new TypeError('network error')], [new DOMException('too long', 'TimeoutError')]])(
  'an answer that is cut off in the middle is none: %s',
  async (cause) => {
    await expect(take(Promise.reject(cause))).rejects.toMatchObject({ isOffline: true, cause });
  },
);

it('a read that nobody waits for any more is not offline', async () => {
  const cause = new DOMException('gone', 'AbortError');
  await expect(take(Promise.reject(cause))).rejects.toBe(cause);
});
