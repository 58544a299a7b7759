import { type ReactNode, useCallback, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';

import type { Task } from '../api/shapes.ts';
import { type TaskAction, useTaskAction } from '../api/tasks.ts';
import { useToast } from '../components/Toasts.tsx';
import { DeleteTaskDialog } from './DeleteTaskDialog.tsx';
import { PauseTaskDialog } from './PauseTaskDialog.tsx';
import type { TaskCommand } from './taskCommandList.ts';

export type RunTaskCommand = (command: TaskCommand, task: Task) => void;

/** Carries out what a person chose for a task; `dialogs` has to be drawn somewhere on the page. */
export function useTaskCommands(onDeleted?: () => void): { run: RunTaskCommand; dialogs: ReactNode } {
  const [asking, setAsking] = useState<{ command: 'pause' | 'delete'; task: Task } | null>(null);
  const { mutate } = useTaskAction();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const toast = useToast();

  const act = useCallback(
    (task: Task, action: TaskAction, done: string) => {
      mutate(
        { taskId: task.id, action },
        {
          onSuccess: (answer) =>
            toast({
              severity: 'success',
              message: `${task.name}: ${done}`,
              ...(action === 'run' && answer !== undefined
                ? { link: { to: `/occurrences/${answer.id}`, text: 'Show the run' } }
                : {}),
            }),
          onError: (error) => toast({ severity: 'error', message: `${task.name}: ${error.message}` }),
        },
      );
    },
    [mutate, toast],
  );

  const run = useCallback<RunTaskCommand>(
    (command, task) => {
      const state = { backTo: pathname + search };
      switch (command) {
        case 'run':
          { act(task, 'run', 'will run now.'); return; }
        case 'activate':
          { act(task, 'active', 'is scheduled again.'); return; }
        case 'deactivate':
          { act(task, 'inactive', 'is no longer scheduled.'); return; }
        case 'edit':
          return void navigate({ pathname: `/tasks/${task.id}/edit`, search }, { state });
        case 'duplicate':
          return void navigate({ pathname: '/tasks/new', search }, { state: { ...state, copyOf: task } });
        case 'pause':
        case 'delete':
          { setAsking({ command, task }); return; }
      }
    },
    [act, navigate, pathname, search],
  );

  const close = () => setAsking(null);
  return {
    run,
    dialogs:
      asking === null ? null : asking.command === 'pause' ? (
        <PauseTaskDialog task={asking.task} onClose={close} />
      ) : (
        <DeleteTaskDialog
          task={asking.task}
          onClose={close}
          onDeleted={() => {
            close();
            toast({ severity: 'success', message: `${asking.task.name} was deleted; its history stays.` });
            onDeleted?.();
          }}
        />
      ),
  };
}
