import { useSyncExternalStore } from 'react';

const QUERY = '(max-width: 767px)';

/** Narrower than Tailwind's `md`: where the layout itself is another one. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(QUERY);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => matchMedia(QUERY).matches,
  );
}
