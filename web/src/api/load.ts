import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { call } from './call.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';

/** The instances of each minute of a week, in the days of a zone. */
export function useLoadCalendar(timeZone: string, from: string | undefined) {
  return useQuery({
    queryKey: [...queryKeys.load, 'calendar', timeZone, from ?? 'today'],
    queryFn: ({ signal }) => call('loadCalendar', { query: { timeZone, from }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(60_000),
  });
}

/** Tasks whose runs come near their own next runs. */
export function useOverlapForecast() {
  return useQuery({
    queryKey: [...queryKeys.load, 'overlaps'],
    queryFn: ({ signal }) => call('overlapForecast', { query: { limit: 100 }, signal }),
    refetchInterval: usePollMs(60_000),
  });
}
