// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import { copyText } from '@/shared/lib/copy-text';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('copies where the page is not secure, as over plain HTTP from another host', async () => {
  vi.stubGlobal('navigator', {});
  const setData = vi.fn();
  document.execCommand = () => {
    const event = Object.assign(new Event('copy', { cancelable: true }), {
      clipboardData: { setData },
    });
    document.dispatchEvent(event);
    return event.defaultPrevented;
  };
  await copyText('ord_1');
  expect(setData).toHaveBeenCalledExactlyOnceWith('text/plain', 'ord_1');
});

it('says so where it cannot', async () => {
  vi.stubGlobal('navigator', {});
  document.execCommand = () => false;
  await expect(copyText('ord_1')).rejects.toThrow('did not copy');
});
