import { QueryClient } from '@tanstack/react-query';

import { ApiError } from './client.ts';

/** What the server refused stays refused; only a missing or broken answer is worth a second try. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      networkMode: 'always',
      retry: (failures, error) =>
        failures < 1 && error instanceof ApiError && (error.status === 0 || error.status >= 502),
      retryDelay: 700,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});
