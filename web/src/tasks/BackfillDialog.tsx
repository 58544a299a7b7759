import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';

import { useBackfill, useBackfillCount } from '../api/accounts.ts';
import type { Backfill, BackfillInput, Task } from '../api/shapes.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { readWallTime } from '../time/readWallTime.ts';
import { serverNowMs } from '../time/serverClock.ts';
import { instantToWallTime } from '../time/wallTime.ts';
import { When } from '../time/When.tsx';
import { useZone } from '../time/ZoneContext.tsx';
import { zoneOfTask } from './zoneOfTask.ts';

const DAY_MS = 86_400_000;

interface BackfillDialogProps {
  readonly task: Task;
  readonly onClose: () => void;
  readonly onDone: (backfill: Backfill) => void;
}

/** Runs a past range of the schedule; what that would be is counted before anything is written. */
export function BackfillDialog({ task, onClose, onDone }: BackfillDialogProps) {
  const zone = useZone(zoneOfTask(task));
  const [nowMs] = useState(serverNowMs);
  const [from, setFrom] = useState(() => instantToWallTime(floorToMinute(nowMs - DAY_MS), zone));
  const [until, setUntil] = useState(() => instantToWallTime(floorToMinute(nowMs), zone));
  const [perMinute, setPerMinute] = useState(String(task.policies.catchUpPerMinute));
  const fields = readFields({ from, until, perMinute }, zone, nowMs);
  const count = useBackfillCount(task.id, fields.input);
  const backfill = useBackfill();
  const created = fields.input === null ? undefined : count.data?.created;
  return (
    <ConfirmDialog
      title={`Backfill \u201c${task.name}\u201d`}
      confirmText={created === undefined || created === 0 ? 'Run them' : `Run ${created.toLocaleString('en')}`}
      cancelText="Cancel"
      wide
      busy={backfill.isPending}
      disabled={created === undefined || created === 0}
      error={backfill.error}
      onClose={onClose}
      onConfirm={() => {
        if (fields.input !== null) backfill.mutate({ taskId: task.id, input: fields.input }, { onSuccess: onDone });
      }}
    >
      <Typography variant="body2">
        Runs the times of its present schedule in a past range that have no occurrence yet. Each of them is due from now
        on, at the pace that is given here, so that fresh work keeps its time.
      </Typography>
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' } }}>
        {(
          [
            ['From', from, setFrom, fields.problems.from],
            ['Until', until, setUntil, fields.problems.until],
          ] as const
        ).map(([label, value, set, problem]) => (
          <TextField
            key={label}
            type="datetime-local"
            label={label}
            value={value}
            onChange={(event) => set(event.target.value)}
            error={problem !== undefined}
            helperText={problem ?? `In ${zone}.`}
            slotProps={{ inputLabel: { shrink: true } }}
          />
        ))}
        <TextField
          label="At most so many a minute"
          value={perMinute}
          onChange={(event) => setPerMinute(event.target.value)}
          error={fields.problems.perMinute !== undefined}
          helperText={fields.problems.perMinute ?? ' '}
          slotProps={{ htmlInput: { inputMode: 'numeric' } }}
        />
      </Box>
      <div role="status" aria-label="What it would run">
        {fields.input === null ? null : count.isError ? (
          <ErrorPanel error={count.error} />
        ) : count.data === undefined ? (
          <Skeleton variant="rounded" height={72} />
        ) : (
          <Counts backfill={count.data} zone={zone} />
        )}
      </div>
    </ConfirmDialog>
  );
}

function Counts({ backfill, zone }: { readonly backfill: Backfill; readonly zone: string }) {
  const { matched, existing, created, first, last, dueUntil } = backfill;
  const number = (count: number) => count.toLocaleString('en');
  return (
    <Alert severity="info" variant="outlined">
      {matched === 0
        ? 'The schedule has no time in this range.'
        : `The schedule has ${number(matched)} ${matched === 1 ? 'time' : 'times'} in this range; ${number(existing)} ${existing === 1 ? 'has' : 'have'} an occurrence and ${existing === 1 ? 'is' : 'are'} left alone. ${number(created)} would be run.`}
      {created > 0 && (
        <Box sx={{ mt: 0.5, color: 'text.secondary' }}>
          From <When at={first} zone={zone} show="absolute" /> to <When at={last} zone={zone} show="absolute" />; the
          last of them is due <When at={dueUntil} zone={zone} />.
        </Box>
      )}
    </Alert>
  );
}

interface BackfillFields {
  readonly from: string;
  readonly until: string;
  readonly perMinute: string;
}

interface ReadFields {
  /** Null while a field is wrong. */
  readonly input: BackfillInput | null;
  readonly problems: Partial<Record<keyof BackfillFields, string>>;
}

function readFields(fields: BackfillFields, zone: string, nowMs: number): ReadFields {
  const problems: Partial<Record<keyof BackfillFields, string>> = {};
  const [from, until] = [readWallTime(fields.from, zone), readWallTime(fields.until, zone)];
  if (from.problem !== undefined) problems.from = from.problem;
  if (until.problem !== undefined) problems.until = until.problem;
  if (from.at !== undefined && until.at !== undefined) {
    if (Date.parse(until.at) <= Date.parse(from.at)) problems.until = 'The end must be after the start.';
    else if (Date.parse(until.at) > nowMs) problems.until = 'A backfill reaches up to now at most.';
  }
  const perMinute = Number(fields.perMinute);
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > 6_000) {
    problems.perMinute = 'Write a whole number from 1 to 6,000.';
  }
  if (from.at === undefined || until.at === undefined || Object.keys(problems).length > 0) {
    return { input: null, problems };
  }
  return { input: { from: from.at, until: until.at, perMinute }, problems };
}

function floorToMinute(ms: number): number {
  return Math.floor(ms / 60_000) * 60_000;
}
