import { useSyncExternalStore } from 'react';

/** `light` or `dark`, as it is now: for what is drawn on a canvas. */
export function useThemeName(): 'light' | 'dark' {
  return useSyncExternalStore(
    (listener) => {
      const observer = new MutationObserver(listener);
      observer.observe(document.documentElement, { attributeFilter: ['class'] });
      return () => observer.disconnect();
    },
    () => (document.documentElement.classList.contains('dark') ? 'dark' : 'light'),
  );
}
