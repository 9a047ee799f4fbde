import { type RefObject, useEffect, useRef } from 'react';

/**
 * Where what had the focus has gone, as a button whose action is no longer possible, the first button
 * that is left has it: a keyboard starts nowhere else on the page. `changed` is another value whenever
 * something may have gone.
 */
export function useKeptFocus(container: RefObject<HTMLElement | null>, changed: unknown): void {
  const isInside = useRef(false);
  useEffect(() => {
    const onFocusIn = ({ target }: FocusEvent) => {
      const isOverlay = target instanceof Element && target.closest('[role="dialog"]') !== null;
      if (!isOverlay) isInside.current = container.current?.contains(target as Node) ?? false;
    };
    document.addEventListener('focusin', onFocusIn);
    return () => document.removeEventListener('focusin', onFocusIn);
  }, [container]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever something may have gone
  useEffect(() => {
    // Behind what a closed dialog does with the focus.
    const frame = requestAnimationFrame(() => {
      const isLost = document.activeElement === document.body && isInside.current;
      if (isLost) container.current?.querySelector<HTMLElement>('button:enabled')?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [container, changed]);
}
