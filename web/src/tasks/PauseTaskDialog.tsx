import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';

import type { Task } from '../api/shapes.ts';
import { usePauseTask } from '../api/tasks.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { formatOffset } from '../time/formatInstant.ts';
import { useNow } from '../time/useNow.ts';
import { wallTimeToInstant } from '../time/wallTime.ts';
import { useZone } from '../time/ZoneContext.tsx';

export function PauseTaskDialog({ task, onClose }: { readonly task: Task; readonly onClose: () => void }) {
  const pause = usePauseTask();
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const zone = useZone(task.schedule.kind === 'cron' ? task.schedule.timeZone : null);
  const nowMs = useNow();
  const instant = wallTimeToInstant(until, zone);
  const untilMs = instant.kind === 'unreadable' ? null : instant.ms;
  const inPast = untilMs !== null && untilMs <= nowMs;
  return (
    <ConfirmDialog
      title={`Pause \u201c${task.name}\u201d`}
      confirmText="Pause"
      busy={pause.isPending}
      disabled={inPast}
      error={pause.error}
      onClose={onClose}
      onConfirm={() =>
        pause.mutate(
          {
            taskId: task.id,
            reason: reason.trim() === '' ? null : reason.trim(),
            until: untilMs === null ? null : new Date(untilMs).toISOString(),
          },
          { onSuccess: onClose },
        )
      }
    >
      <Typography variant="body2">
        Its occurrences are taken off the schedule until it is resumed, by hand or at the time given here.
      </Typography>
      <TextField
        label="Reason"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        helperText="Optional. Shown to everybody who looks at the task."
        slotProps={{ htmlInput: { maxLength: 500 } }}
      />
      <TextField
        label="Until"
        type="datetime-local"
        value={until}
        onChange={(event) => setUntil(event.target.value)}
        error={inPast}
        helperText={
          inPast ? 'This time has passed.' : `Optional. In ${zone} (${formatOffset(untilMs ?? nowMs, zone)}).`
        }
        slotProps={{ inputLabel: { shrink: true } }}
      />
    </ConfirmDialog>
  );
}
