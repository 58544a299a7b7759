import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { call } from './call.ts';
import { queryKeys } from './queryKeys.ts';
import type { AdviceInput } from './shapes.ts';

/** Not asked for again by itself: what somebody chooses from must not change under their hands. */
export function useAdvice(hours: number) {
  return useQuery({
    queryKey: [...queryKeys.advice, 'moves', hours],
    queryFn: ({ signal }) => call('advice', { query: { hours }, signal }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
}

/** The peak that some of the moves would make. */
export function useProposal(input: AdviceInput) {
  return useQuery({
    queryKey: [...queryKeys.adviceProposal, input],
    queryFn: ({ signal }) => call('applyAdvice', { body: { ...input, dryRun: true }, signal }),
    gcTime: 0,
    retry: false,
  });
}

export function useAppliedAdvice() {
  return useQuery({
    queryKey: [...queryKeys.advice, 'applied'],
    queryFn: ({ signal }) => call('appliedAdvice', { query: { limit: 10 }, signal }),
  });
}

export function useApplyAdvice() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: AdviceInput) => call('applyAdvice', { body }),
    onSuccess: changed,
  });
}

export function useUndoAdvice() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (id: string) => call('undoAdvice', { params: { id } }),
    onSuccess: changed,
  });
}

function useChanged(): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [queryKeys.advice, queryKeys.forecast, queryKeys.tasks, queryKeys.occurrences].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
}
