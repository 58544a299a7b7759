import { type ReactNode, useCallback, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';

import type { Task } from '../api/shapes.ts';
import { type TaskAction, useRunTask, useTaskAction } from '../api/tasks.ts';
import { useToast } from '../components/Toasts.tsx';
import { BackfillDialog } from './BackfillDialog.tsx';
import { DeleteTaskDialog } from './DeleteTaskDialog.tsx';
import { PauseTaskDialog } from './PauseTaskDialog.tsx';
import type { TaskCommand } from './taskCommandList.ts';

export type RunTaskCommand = (command: TaskCommand, task: Task) => void;

/** Carries out what a person chose for a task; `dialogs` has to be drawn somewhere on the page. */
export function useTaskCommands(onDeleted?: () => void): { run: RunTaskCommand; dialogs: ReactNode } {
  const [asking, setAsking] = useState<{ command: 'pause' | 'backfill' | 'delete'; task: Task } | null>(null);
  const { mutate: act } = useTaskAction();
  const { mutate: runNow } = useRunTask();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const toast = useToast();

  const run = useCallback<RunTaskCommand>(
    (command, task) => {
      const state = { backTo: pathname + search };
      const failed = (error: Error) => toast({ severity: 'error', message: `${task.name}: ${error.message}` });
      const set = (action: TaskAction, done: string) =>
        act(
          { taskId: task.id, action },
          { onSuccess: () => toast({ severity: 'success', message: `${task.name} ${done}` }), onError: failed },
        );
      switch (command) {
        case 'run': {
          runNow(
            { taskId: task.id },
            {
              onSuccess: ({ id }) =>
                toast({
                  severity: 'success',
                  message: `${task.name} will run now.`,
                  link: { to: `/occurrences/${id}`, text: 'Show the run' },
                }),
              onError: failed,
            },
          );
          return;
        }
        case 'activate': {
          set('activateTask', 'is scheduled again.');
          return;
        }
        case 'deactivate': {
          set('deactivateTask', 'is no longer scheduled.');
          return;
        }
        case 'edit':
          return void navigate({ pathname: `/tasks/${task.id}/edit`, search }, { state });
        case 'duplicate':
          return void navigate({ pathname: '/tasks/new', search }, { state: { ...state, copyOf: task } });
        case 'pause':
        case 'backfill':
        case 'delete': {
          setAsking({ command, task });
          return;
        }
      }
    },
    [act, runNow, navigate, pathname, search, toast],
  );

  const close = () => setAsking(null);
  return { run, dialogs: asking === null ? null : dialogFor(asking) };

  function dialogFor({ command, task }: NonNullable<typeof asking>): ReactNode {
    const done = (message: string, link?: { to: string; text: string }) => {
      close();
      toast({ severity: 'success', message, ...(link === undefined ? {} : { link }) });
    };
    switch (command) {
      case 'pause':
        return <PauseTaskDialog task={task} onClose={close} />;
      case 'backfill':
        return (
          <BackfillDialog
            task={task}
            onClose={close}
            onDone={({ created }) =>
              done(
                `${created.toLocaleString('en')} past ${created === 1 ? 'time' : 'times'} of ${task.name} will run.`,
                {
                  to: `/schedule?taskId=${task.id}&order=desc`,
                  text: 'Show them',
                },
              )
            }
          />
        );
      case 'delete':
        return (
          <DeleteTaskDialog
            task={task}
            onClose={close}
            onDeleted={() => {
              done(`${task.name} was deleted; its history stays.`);
              onDeleted?.();
            }}
          />
        );
    }
  }
}
