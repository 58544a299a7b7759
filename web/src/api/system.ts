import { keepPreviousData, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';

import { call } from './call.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';
import type { AutoscalerControlsInput, RedriveInput } from './shapes.ts';

export function useForecast(hours: number, pastMinutes: number) {
  return useQuery({
    queryKey: [...queryKeys.forecast, hours, pastMinutes],
    queryFn: ({ signal }) => call('forecast', { query: { hours, pastMinutes }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(3_000),
  });
}

/** What was forecast for the past hours, against what happened; it changes once a minute. */
export function useAccuracy(hours: number) {
  return useQuery({
    queryKey: [...queryKeys.forecast, 'accuracy', hours],
    queryFn: ({ signal }) => call('forecastAccuracy', { query: { hours }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(60_000),
  });
}

export function useReplicas() {
  return useQuery({
    queryKey: queryKeys.replicas,
    queryFn: ({ signal }) => call('autoscalerReplicas', { signal }),
    refetchInterval: usePollMs(3_000),
  });
}

/** Replaces all that is ordered of the autoscaler of one pool. */
export function useScaling() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: AutoscalerControlsInput) => call('setAutoscalerControls', { body }),
    onSuccess: () => client.invalidateQueries({ queryKey: queryKeys.replicas }),
  });
}

export function useHealth() {
  return useQuery({
    queryKey: queryKeys.health,
    queryFn: ({ signal }) => call('health', { signal }),
    refetchInterval: usePollMs(5_000),
  });
}

export function useTaskTypes() {
  return useQuery({
    queryKey: queryKeys.taskTypes,
    queryFn: ({ signal }) => call('listTaskTypes', { signal }),
    staleTime: 60_000,
  });
}

export function useTaskSummary() {
  return useQuery({
    queryKey: [...queryKeys.taskTypes, 'summary'],
    queryFn: ({ signal }) => call('taskSummary', { signal }),
    refetchInterval: usePollMs(5_000),
  });
}

export interface DeadLetterFilter {
  readonly taskId?: string | undefined;
  readonly taskType?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number;
}

export function useDeadLetters(query: DeadLetterFilter) {
  return useQuery({
    queryKey: [...queryKeys.deadLetters, 'list', query],
    queryFn: ({ signal }) => call('listDeadLetters', { query: { ...query }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(4_000),
  });
}

/** How many would go round again; the server counts and does nothing. */
export function useRedriveCount(input: RedriveInput) {
  return useQuery({
    queryKey: [...queryKeys.deadLetters, 'dry-run', input],
    queryFn: ({ signal }) => call('redriveDeadLetters', { body: { ...input, dryRun: true }, signal }),
    gcTime: 0,
  });
}

/** How many dead letters there are; a dry run of "redrive everything" is the server's own count. */
export function useDeadLetterCount() {
  return useQuery({
    queryKey: [...queryKeys.deadLetters, 'count'],
    queryFn: ({ signal }) => call('redriveDeadLetters', { body: { dryRun: true }, signal }),
    refetchInterval: usePollMs(5_000),
  });
}

export function useRedrive() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RedriveInput) => call('redriveDeadLetters', { body }),
    onSuccess: async (_result, input) => {
      if (input.dryRun === true) return;
      await Promise.all([
        client.invalidateQueries({ queryKey: queryKeys.deadLetters }),
        client.invalidateQueries({ queryKey: queryKeys.occurrences }),
      ]);
    },
  });
}

export interface CronQuestion {
  readonly expression: string;
  readonly timeZone: string;
  readonly from: string | undefined;
  readonly dstGap: 'shift' | 'skip';
  readonly dstRepeat: 'first' | 'last' | 'both';
  readonly count: number;
}

/** The next runs of each expression, from the engine that will fire them. */
export function useCronPreviews(questions: readonly CronQuestion[]) {
  return useQueries({
    queries: questions.map((question) => ({
      queryKey: [...queryKeys.cron, question],
      queryFn: ({ signal }: { signal: AbortSignal }) => call('cronPreview', { query: { ...question }, signal }),
      enabled: question.expression.trim() !== '',
      retry: false,
      staleTime: 30_000,
    })),
  });
}
