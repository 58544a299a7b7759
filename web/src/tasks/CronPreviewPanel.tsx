import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useWatch } from 'react-hook-form';

import { ApiError } from '../api/client.ts';
import type { CronRunNote } from '../api/shapes.ts';
import { formatClock, formatDateTime, formatOffset } from '../time/formatInstant.ts';
import type { TaskFormValues } from './taskFormValues.ts';
import { useCronRuns } from './useCronRuns.ts';

const NOTES: Readonly<Record<CronRunNote, string>> = {
  gap_shifted: 'The time asked for does not exist on this day; runs at the first valid time after it.',
  fold_first: 'This time comes twice on this day; runs at the first.',
  fold_last: 'This time comes twice on this day; runs at the second.',
  offset_changed: 'The clocks have changed since the run before: its UTC time moves.',
};

/** The next five runs, as the engine that will fire them says. */
export function CronPreviewPanel() {
  const zone = useWatch<TaskFormValues, 'timeZone'>({ name: 'timeZone' });
  const { descriptions, runs, warnings, error, loading } = useCronRuns();
  return (
    <Box sx={{ bgcolor: 'action.hover', borderRadius: 1, p: 2, minHeight: 156 }} aria-live="polite">
      <Typography variant="h3">{descriptions.length === 0 ? 'Next runs' : descriptions.join('; and ')}</Typography>
      {error !== null && <Typography color="error">{sentenceOf(error)}</Typography>}
      {error === null && runs.length === 0 && (
        <Typography variant="body2" sx={{ color: 'text.secondary' }}>
          {loading ? 'Asking for the next runs\u2026' : 'Write an expression to see when it runs.'}
        </Typography>
      )}
      <Box component="ol" sx={{ m: 0, mt: 0.75, pl: 2.5, fontSize: '0.8438rem', display: 'grid', gap: 0.25 }}>
        {runs.map((run) => {
          const ms = Date.parse(run.at);
          return (
            <li key={run.at}>
              {formatDateTime(ms, zone)} {formatOffset(ms, zone)}
              {zone !== 'UTC' && (
                <Box component="span" sx={{ color: 'text.secondary' }}>
                  {' '}
                  ({formatClock(ms, 'UTC')} UTC)
                </Box>
              )}
              {run.note !== null && <Box sx={{ color: 'warning.main' }}>{NOTES[run.note]}</Box>}
            </li>
          );
        })}
      </Box>
      {warnings.map((warning) => (
        <Alert key={warning} severity="warning" variant="outlined" sx={{ mt: 1 }}>
          {warning}
        </Alert>
      ))}
    </Box>
  );
}

function sentenceOf(error: Error): string {
  const errors = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  return errors[0]?.message ?? error.message;
}
