import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { call } from './call.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';
import type { OccurrenceQuery, RunQuery } from './shapes.ts';

export function useOccurrences(query: OccurrenceQuery, periodMs = 3_000) {
  return useQuery({
    queryKey: [...queryKeys.occurrences, 'list', query],
    queryFn: ({ signal }) => call('listOccurrences', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(periodMs),
  });
}

export function useOccurrence(id: string) {
  return useQuery({
    queryKey: [...queryKeys.occurrences, 'one', id],
    queryFn: ({ signal }) => call('getOccurrence', { params: { id }, signal }),
    refetchInterval: usePollMs(2_000),
  });
}

export function useOccurrenceRuns(id: string) {
  return useQuery({
    queryKey: [...queryKeys.occurrences, 'runs', id],
    queryFn: ({ signal }) => call('listOccurrenceRuns', { params: { id }, signal }),
    refetchInterval: usePollMs(2_000),
  });
}

export function useRuns(query: RunQuery) {
  return useQuery({
    queryKey: [...queryKeys.runs, 'list', query],
    queryFn: ({ signal }) => call('listRuns', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(3_000),
  });
}

/** The first thousand lines, and those of the pages that were asked for; refreshed while the run goes on. */
export function useRunLogs(runId: string, running: boolean, cursor: string | null) {
  const pollMs = usePollMs(2_000);
  return useQuery({
    queryKey: [...queryKeys.runs, 'logs', runId, cursor],
    queryFn: ({ signal }) => call('listRunLogs', { params: { id: runId }, query: { limit: 1_000, cursor }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: running ? pollMs : false,
  });
}

export type OccurrenceAction = 'cancelOccurrence' | 'redriveOccurrence';

export function useOccurrenceAction() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: string; action: OccurrenceAction }) => call(action, { params: { id } }),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: queryKeys.occurrences }),
        client.invalidateQueries({ queryKey: queryKeys.deadLetters }),
      ]);
    },
  });
}
