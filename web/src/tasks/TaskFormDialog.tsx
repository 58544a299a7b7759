import Box from '@mui/material/Box';
import Dialog from '@mui/material/Dialog';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Skeleton from '@mui/material/Skeleton';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useId, useState } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';

import type { Task } from '../api/shapes.ts';
import { useTaskTypes } from '../api/system.ts';
import { useTaskForEdit } from '../api/tasks.ts';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { useToast } from '../components/Toasts.tsx';
import { serverNowMs } from '../time/serverClock.ts';
import { MY_ZONE } from '../time/ZoneContext.tsx';
import { DiscardDialog } from './DiscardDialog.tsx';
import { TaskForm } from './TaskForm.tsx';
import { newTaskValues, type TaskFormValues, valuesOfTask } from './taskFormValues.ts';

/** Where the dialog was opened from, and for a duplicate what it starts as; both are lost on reload, and may be. */
interface DialogState {
  readonly backTo?: string;
  readonly copyOf?: Task;
}

/** `/tasks/new` and `/tasks/:taskId/edit`: the form as a dialog over the list, the whole screen on a phone. */
export function TaskFormDialog() {
  const { taskId = null } = useParams();
  const location = useLocation();
  const state = (location.state ?? {}) as DialogState;
  const navigate = useNavigate();
  const toast = useToast();
  const fullScreen = useMediaQuery('(max-width:599.95px)', { noSsr: true });
  const titleId = useId();
  const [dirty, setDirty] = useState(false);
  const [asking, setAsking] = useState(false);
  const close = () => void navigate(state.backTo ?? { pathname: '/tasks', search: location.search }, { replace: true });

  return (
    <Dialog
      open
      fullScreen={fullScreen}
      fullWidth
      maxWidth="md"
      scroll="paper"
      aria-labelledby={titleId}
      onClose={() => {
        if (dirty) setAsking(true);
        else close();
      }}
    >
      <DialogTitle id={titleId}>{taskId === null ? 'New task' : 'Edit task'}</DialogTitle>
      <FormLoader
        key={taskId}
        taskId={taskId}
        copyOf={state.copyOf ?? null}
        onDirty={setDirty}
        onCancel={() => {
          if (dirty) setAsking(true);
          else close();
        }}
        onSaved={(task) => {
          toast({
            severity: 'success',
            message: taskId === null ? `${task.name} was created.` : `${task.name} was saved.`,
            link: { to: `/tasks/${task.id}`, text: 'Show it' },
          });
          close();
        }}
      />
      {asking && <DiscardDialog onStay={() => setAsking(false)} onDiscard={close} />}
    </Dialog>
  );
}

interface FormLoaderProps {
  readonly taskId: string | null;
  readonly copyOf: Task | null;
  readonly onDirty: (dirty: boolean) => void;
  readonly onCancel: () => void;
  readonly onSaved: (task: Task) => void;
}

function FormLoader({ taskId, copyOf, onDirty, onCancel, onSaved }: FormLoaderProps) {
  const types = useTaskTypes();
  const edited = useTaskForEdit(taskId);
  const [startedMs] = useState(serverNowMs);
  const failed = [types, edited].find((query) => query.isError && query.data === undefined);
  if (failed?.error) {
    return (
      <DialogContent>
        <ErrorPanel error={failed.error} what="the form" retry={() => void failed.refetch()} />
      </DialogContent>
    );
  }
  if (types.data === undefined || (taskId !== null && edited.data === undefined)) {
    return (
      <DialogContent>
        <Box role="status" aria-label="Loading the form" sx={{ display: 'grid', gap: 2 }}>
          {[40, 40, 120, 40].map((height, place) => (
            <Skeleton key={place} variant="rounded" height={height} />
          ))}
        </Box>
      </DialogContent>
    );
  }
  return (
    <TaskForm
      // A task that was read anew after a conflict starts the form anew.
      key={edited.data?.etag ?? 'new'}
      values={startValues(edited.data?.task ?? null, copyOf, startedMs)}
      types={types.data.items}
      taskId={taskId}
      etag={edited.data?.etag ?? null}
      onDirty={onDirty}
      onCancel={onCancel}
      onSaved={onSaved}
      onReload={() => void edited.refetch()}
    />
  );
}

function startValues(task: Task | null, copyOf: Task | null, nowMs: number): TaskFormValues {
  if (task !== null) return valuesOfTask(task, MY_ZONE, nowMs);
  if (copyOf === null) return newTaskValues(MY_ZONE, nowMs);
  return { ...valuesOfTask(copyOf, MY_ZONE, nowMs), name: `Copy of ${copyOf.name}`, key: null };
}
