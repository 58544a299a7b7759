import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { type Answer, call, callWithEtag } from './call.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';
import type { TaskDraft, TaskQuery } from './shapes.ts';

export function useTasks(query: TaskQuery) {
  return useQuery({
    queryKey: [...queryKeys.tasks, 'list', query],
    queryFn: ({ signal }) => call('listTasks', { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(4_000),
  });
}

export function useTask(taskId: string, enabled = true) {
  return useQuery({
    queryKey: queryKeys.task(taskId),
    queryFn: ({ signal }) => call('getTask', { params: { taskId }, signal }),
    refetchInterval: usePollMs(4_000),
    enabled,
  });
}

/** A task as it is now together with the tag that a save must name. Read once: a form must not change under the hand. */
export function useTaskForEdit(taskId: string | null) {
  return useQuery({
    queryKey: [...queryKeys.taskEdit, taskId],
    queryFn: async ({ signal }) => {
      const { answer, etag } = await callWithEtag('getTask', { params: { taskId: taskId ?? '' }, signal });
      return { task: answer, etag };
    },
    enabled: taskId !== null,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** When a task with this definition would run, and what that costs, instead of the task `replaces`; nothing is written. Null asks nothing. */
export function usePlan(draft: TaskDraft | null, replaces: string | null) {
  return useQuery({
    queryKey: [...queryKeys.plan, draft, replaces],
    queryFn: async ({ signal }) => {
      const body = draft ?? undefined;
      const answer = await call('createTask', {
        query: { dryRun: 'plan', ...(replaces !== null && { replaces }) },
        ...(body === undefined ? {} : { body }),
        signal,
      });
      return answer as Extract<Answer<'createTask'>, { warnings: string[] }>;
    },
    enabled: draft !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
  });
}

export interface SaveTask {
  readonly draft: TaskDraft;
  /** Null for a new task. */
  readonly taskId: string | null;
  readonly etag: string | null;
}

export function useSaveTask() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: async ({ draft, taskId, etag }: SaveTask) => {
      if (taskId === null) return (await call('createTask', { body: draft })) as Answer<'getTask'>;
      return await call('updateTask', {
        params: { taskId },
        body: draft,
        headers: etag === null ? {} : { 'if-match': etag },
      });
    },
    onSuccess: refresh,
  });
}

export type TaskAction = 'activateTask' | 'deactivateTask' | 'deleteTask';

export function useTaskAction() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: async ({ taskId, action }: { taskId: string; action: TaskAction }) => {
      await call(action, { params: { taskId } });
    },
    onSuccess: refresh,
  });
}

export function useRunTask() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: ({ taskId }: { taskId: string }) => call('runTask', { params: { taskId } }),
    onSuccess: refresh,
  });
}

export function usePauseTask() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: ({ taskId, reason, until }: { taskId: string; reason: string | null; until: string | null }) =>
      call('pauseTask', { params: { taskId }, body: { reason, until } }),
    onSuccess: refresh,
  });
}

function useRefreshAfterChange() {
  const client = useQueryClient();
  return async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.tasks }),
      client.invalidateQueries({ queryKey: queryKeys.occurrences }),
      client.invalidateQueries({ queryKey: queryKeys.forecast }),
    ]);
  };
}
