import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { call } from './call.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';
import type { BackfillInput, LedgerWindow } from './shapes.ts';

/** Why the task runs, ran, or does not run at an instant. Null asks nothing. */
export function useWhy(taskId: string, at: string | null) {
  return useQuery({
    queryKey: [...queryKeys.task(taskId), 'why', at],
    queryFn: ({ signal }) => call('explainTask', { params: { taskId }, query: { at }, signal }),
    enabled: at !== null,
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(5_000),
  });
}

/** What the task was and when, last change first, page after page. */
export function useTaskRevisions(taskId: string) {
  return useInfiniteQuery({
    queryKey: [...queryKeys.task(taskId), 'revisions'],
    queryFn: ({ signal, pageParam }) =>
      call('listTaskRevisions', { params: { taskId }, query: { limit: 10, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
}

/** What a backfill would run; the server counts and does nothing. Null asks nothing. */
export function useBackfillCount(taskId: string, input: BackfillInput | null) {
  return useQuery({
    queryKey: [...queryKeys.task(taskId), 'backfill', input],
    queryFn: ({ signal }) =>
      call('backfillTask', {
        params: { taskId },
        ...(input === null ? {} : { body: { ...input, dryRun: true } }),
        signal,
      }),
    enabled: input !== null,
    gcTime: 0,
    retry: false,
  });
}

export function useBackfill() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ taskId, input }: { taskId: string; input: BackfillInput }) =>
      call('backfillTask', { params: { taskId }, body: input }),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: queryKeys.tasks }),
        client.invalidateQueries({ queryKey: queryKeys.occurrences }),
        client.invalidateQueries({ queryKey: queryKeys.forecast }),
      ]);
    },
  });
}

/** Every expected occurrence is recomputed for it, so it is asked for seldom. */
export function useLedger(window: LedgerWindow) {
  return useQuery({
    queryKey: [...queryKeys.ledger, window],
    queryFn: ({ signal }) => call('ledger', { query: { ...window }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}
