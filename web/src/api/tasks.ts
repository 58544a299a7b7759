import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { request, requestWithHeaders } from './client.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';
import type { Occurrence, Task, TaskDraft, TaskPage, TaskQuery } from './shapes.ts';

const TASKS = '/api/v1/tasks';

export function useTasks(query: TaskQuery) {
  return useQuery({
    queryKey: [...queryKeys.tasks, 'list', query],
    queryFn: ({ signal }) => request<TaskPage>('GET', TASKS, { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: usePollMs(4_000),
  });
}

export function useTask(taskId: string, enabled = true) {
  return useQuery({
    queryKey: queryKeys.task(taskId),
    queryFn: ({ signal }) => request<Task>('GET', `${TASKS}/${encodeURIComponent(taskId)}`, { signal }),
    refetchInterval: usePollMs(4_000),
    enabled,
  });
}

/** A task as it is now together with the tag that a save must name. Read once: a form must not change under the hand. */
export function useTaskForEdit(taskId: string | null) {
  return useQuery({
    queryKey: [...queryKeys.tasks, 'edit', taskId],
    queryFn: async ({ signal }) => {
      const { data, headers } = await requestWithHeaders<Task>('GET', `${TASKS}/${encodeURIComponent(taskId ?? '')}`, {
        signal,
      });
      return { task: data, etag: headers.get('etag') };
    },
    enabled: taskId !== null,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
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
    mutationFn: ({ draft, taskId, etag }: SaveTask) =>
      taskId === null
        ? request<Task>('POST', TASKS, { body: draft })
        : request<Task>('PUT', `${TASKS}/${encodeURIComponent(taskId)}`, {
            body: draft,
            headers: etag === null ? {} : { 'if-match': etag },
          }),
    onSuccess: refresh,
  });
}

export type TaskAction = 'run' | 'active' | 'inactive' | 'delete';

export function useTaskAction() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: ({
      taskId,
      action,
    }: {
      taskId: string;
      action: TaskAction;
    }): Promise<Occurrence | Task | undefined> => {
      const path = `${TASKS}/${encodeURIComponent(taskId)}`;
      if (action === 'delete') return request<undefined>('DELETE', path);
      return action === 'run'
        ? request<Occurrence>('POST', `${path}/run`)
        : request<Task>('PUT', `${path}/${action}`, action === 'inactive' ? { body: {} } : {});
    },
    onSuccess: refresh,
  });
}

export function usePauseTask() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: ({ taskId, reason, until }: { taskId: string; reason: string | null; until: string | null }) =>
      request<Task>('PUT', `${TASKS}/${encodeURIComponent(taskId)}/pause`, { body: { reason, until } }),
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
