import { keepPreviousData, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';

import { request } from './client.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';
import type {
  AutoscalerReplicas,
  CronPreview,
  DeadLetterPage,
  Forecast,
  Health,
  RedriveInput,
  RedriveResult,
  TaskSummaryItem,
  TaskTypeInfo,
} from './shapes.ts';

export function useForecast(hours: number, pastMinutes: number) {
  return useQuery({
    queryKey: [...queryKeys.forecast, hours, pastMinutes],
    queryFn: ({ signal }) => request<Forecast>('GET', '/api/v1/forecast', { query: { hours, pastMinutes }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(3_000),
  });
}

export function useReplicas() {
  return useQuery({
    queryKey: queryKeys.replicas,
    queryFn: ({ signal }) => request<AutoscalerReplicas>('GET', '/api/v1/autoscaler/replicas', { signal }),
    refetchInterval: usePollMs(3_000),
  });
}

/** A server that is down says so with a 503 and the same body, so that is an answer and not an error. */
export function useHealth() {
  return useQuery({
    queryKey: queryKeys.health,
    queryFn: async ({ signal }) => {
      const response = await fetch('/health', { headers: { accept: 'application/json' }, signal });
      if (!response.ok && response.status !== 503) throw new Error(`The health page answered ${response.status}.`);
      return (await response.json()) as Health;
    },
    refetchInterval: usePollMs(5_000),
  });
}

export function useTaskTypes() {
  return useQuery({
    queryKey: queryKeys.taskTypes,
    queryFn: ({ signal }) => request<{ items: TaskTypeInfo[] }>('GET', '/api/v1/task-types', { signal }),
    staleTime: 60_000,
  });
}

export function useTaskSummary() {
  return useQuery({
    queryKey: [...queryKeys.taskTypes, 'summary'],
    queryFn: ({ signal }) => request<{ items: TaskSummaryItem[] }>('GET', '/api/v1/task-summary', { signal }),
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
    queryFn: ({ signal }) => request<DeadLetterPage>('GET', '/api/v1/dead-letters', { query: { ...query }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(4_000),
  });
}

/** How many dead letters there are; a dry run of "redrive everything" is the server's own count. */
export function useDeadLetterCount() {
  return useQuery({
    queryKey: [...queryKeys.deadLetters, 'count'],
    queryFn: ({ signal }) =>
      request<RedriveResult>('POST', '/api/v1/dead-letters/redrive', { body: { dryRun: true }, signal }),
    refetchInterval: usePollMs(5_000),
  });
}

export function useRedrive() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RedriveInput) => request<RedriveResult>('POST', '/api/v1/dead-letters/redrive', { body }),
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
}

/** The next runs of each expression, from the engine that will fire them. */
export function useCronPreviews(questions: readonly CronQuestion[]) {
  return useQueries({
    queries: questions.map((question) => ({
      queryKey: [...queryKeys.cron, question],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        request<CronPreview>('GET', '/api/v1/cron/preview', { query: { ...question, count: 5 }, signal }),
      enabled: question.expression.trim() !== '',
      retry: false,
      staleTime: 30_000,
    })),
  });
}
