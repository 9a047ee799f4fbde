// @vitest-environment happy-dom
import { renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useGathered } from '@/shared/hooks/use-gathered';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('runs once for a burst, however long it goes on, and as it is then', () => {
  const early = vi.fn();
  const late = vi.fn();
  const { result, rerender } = renderHook(({ run }) => useGathered(run, 100), {
    initialProps: { run: early },
  });
  result.current();
  rerender({ run: late });
  vi.advanceTimersByTime(60);
  result.current();
  vi.advanceTimersByTime(60);
  expect(early).not.toHaveBeenCalled();
  expect(late).toHaveBeenCalledTimes(1);
  result.current();
  vi.advanceTimersByTime(100);
  expect(late).toHaveBeenCalledTimes(2);
});

it('runs no more once its component is gone', () => {
  const run = vi.fn();
  const { result, unmount } = renderHook(() => useGathered(run, 100));
  result.current();
  unmount();
  vi.advanceTimersByTime(200);
  expect(run).not.toHaveBeenCalled();
});
