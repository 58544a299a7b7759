import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { request } from './client.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';
import type { LogPage, Occurrence, OccurrencePage, OccurrenceQuery, Run, RunPage, RunQuery } from './shapes.ts';

const OCCURRENCES = '/api/v1/occurrences';

export function useOccurrences(query: OccurrenceQuery, periodMs = 3_000) {
  return useQuery({
    queryKey: [...queryKeys.occurrences, 'list', query],
    queryFn: ({ signal }) => request<OccurrencePage>('GET', OCCURRENCES, { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(periodMs),
  });
}

export function useOccurrence(id: string) {
  return useQuery({
    queryKey: [...queryKeys.occurrences, 'one', id],
    queryFn: ({ signal }) => request<Occurrence>('GET', `${OCCURRENCES}/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: usePollMs(2_000),
  });
}

export function useOccurrenceRuns(id: string) {
  return useQuery({
    queryKey: [...queryKeys.occurrences, 'runs', id],
    queryFn: ({ signal }) =>
      request<{ items: Run[] }>('GET', `${OCCURRENCES}/${encodeURIComponent(id)}/runs`, { signal }),
    refetchInterval: usePollMs(2_000),
  });
}

export function useRuns(query: RunQuery) {
  return useQuery({
    queryKey: [...queryKeys.runs, 'list', query],
    queryFn: ({ signal }) => request<RunPage>('GET', '/api/v1/runs', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(3_000),
  });
}

export function useRun(id: string) {
  return useQuery({
    queryKey: [...queryKeys.runs, 'one', id],
    queryFn: ({ signal }) => request<Run>('GET', `/api/v1/runs/${encodeURIComponent(id)}`, { signal }),
  });
}

/** The first thousand lines, and those of the pages that were asked for; refreshed while the run goes on. */
export function useRunLogs(runId: string, running: boolean, cursor: string | null) {
  const pollMs = usePollMs(2_000);
  return useQuery({
    queryKey: [...queryKeys.runs, 'logs', runId, cursor],
    queryFn: ({ signal }) =>
      request<LogPage>('GET', `/api/v1/runs/${encodeURIComponent(runId)}/logs`, {
        query: { limit: 1_000, cursor },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: running ? pollMs : false,
  });
}

export type OccurrenceAction = 'cancel' | 'redrive';

export function useOccurrenceAction() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: string; action: OccurrenceAction }) =>
      request<Occurrence>('POST', `${OCCURRENCES}/${encodeURIComponent(id)}/${action}`),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: queryKeys.occurrences }),
        client.invalidateQueries({ queryKey: queryKeys.deadLetters }),
      ]);
    },
  });
}
