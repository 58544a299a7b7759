import Typography from '@mui/material/Typography';

import type { Task } from '../api/shapes.ts';
import { useTaskAction } from '../api/tasks.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';

interface DeleteTaskDialogProps {
  readonly task: Task;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

export function DeleteTaskDialog({ task, onClose, onDeleted }: DeleteTaskDialogProps) {
  const remove = useTaskAction();
  return (
    <ConfirmDialog
      title={`Delete \u201c${task.name}\u201d?`}
      confirmText="Delete"
      danger
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ taskId: task.id, action: 'deleteTask' }, { onSuccess: onDeleted })}
    >
      <Typography variant="body2">
        It will not run again. What it did so far stays in the runs. To stop it for a while, pause it instead.
      </Typography>
    </ConfirmDialog>
  );
}
