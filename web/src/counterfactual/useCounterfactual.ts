import { useQuery } from '@tanstack/react-query';

import { call } from '../api/call.ts';
import { queryKeys } from '../api/queryKeys.ts';

/** `day`: a UTC day such as 2026-11-27; without it the last 24 hours. A busy day takes the server seconds. */
export function useCounterfactual(day: string | undefined) {
  return useQuery({
    queryKey: [...queryKeys.forecast, 'counterfactual', day],
    queryFn: ({ signal }) => call('counterfactual', { query: { ...(day !== undefined && { day }) }, signal }),
    staleTime: 300_000,
    retry: false,
  });
}
