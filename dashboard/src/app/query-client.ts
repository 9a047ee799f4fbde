import { QueryClient } from '@tanstack/react-query';
import { isApiError } from '@/shared/api/problem';

/** Repeats of a read that may work later; after them the page says so and offers to try again. */
const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) =>
        failures < RETRIES && isApiError(error) && error.retryable && !error.isOffline,
      retryDelay: (failure) => Math.min(500 * 2 ** failure, 4_000),
      refetchOnWindowFocus: false,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
