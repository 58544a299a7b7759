import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useFormContext, useWatch } from 'react-hook-form';

import type { CronRunNote } from '../api/shapes.ts';
import { formatClock, formatDateTime, formatOffset } from '../time/formatInstant.ts';
import { PriceLine } from './PriceLine.tsx';
import type { TaskFormValues } from './taskFormValues.ts';
import { useNextRuns } from './useNextRuns.ts';

const NOTES: Readonly<Record<CronRunNote, string>> = {
  gap_shifted: 'The time asked for does not exist on this day; runs at the first valid time after it.',
  fold_first: 'This time comes twice on this day; runs at the first.',
  fold_last: 'This time comes twice on this day; runs at the second.',
  offset_changed: 'The clocks have changed since the run before: its UTC time moves.',
};

/** The next five runs, as the engine that will fire them says. */
export function NextRunsPreview() {
  const { control } = useFormContext<TaskFormValues>();
  const [zone, flexibleWindow] = useWatch({ control, name: ['timeZone', 'flexibleWindow'] });
  const { description, runs, warnings, price, problem, loading } = useNextRuns();
  return (
    <Box
      component="section"
      aria-label="Next runs"
      aria-busy={loading}
      sx={{ bgcolor: 'action.hover', borderRadius: 1, p: 2, minHeight: 156 }}
    >
      <div aria-live="polite">
        <Typography variant="h3">{description ?? 'Next runs'}</Typography>
        {problem !== null && (
          <Typography variant="body2" color="error">
            {problem}
          </Typography>
        )}
        {problem === null && runs.length === 0 && (
          <Typography variant="body2" sx={{ color: 'text.secondary' }}>
            {loading
              ? 'Asking for the next runs\u2026'
              : description === null
                ? 'Write an expression to see when it runs.'
                : 'It never runs: every one of its times is left out.'}
          </Typography>
        )}
      </div>
      <Box component="ol" sx={{ m: 0, mt: 0.75, pl: 2.5, fontSize: '0.8438rem', display: 'grid', gap: 0.25 }}>
        {runs.map(({ at, note }) => {
          const ms = Date.parse(at);
          return (
            <li key={at} data-instant={at}>
              {formatDateTime(ms, zone)} {formatOffset(ms, zone)}
              {zone !== 'UTC' && (
                <Box component="span" sx={{ color: 'text.secondary' }}>
                  {' '}
                  ({formatClock(ms, 'UTC')} UTC)
                </Box>
              )}
              {note !== null && <Box sx={{ color: 'warning.main' }}>{NOTES[note]}</Box>}
            </li>
          );
        })}
      </Box>
      {runs.length > 0 && flexibleWindow.trim() !== '' && (
        <Typography variant="caption" sx={{ color: 'text.secondary', display: 'block', mt: 0.75 }}>
          Each may be placed up to {flexibleWindow.trim()} later; its place is fixed when it is written to the schedule.
        </Typography>
      )}
      {price !== null && problem === null && runs.length > 0 && <PriceLine price={price} zone={zone} />}
      {warnings.map((warning) => (
        <Alert key={warning} severity="warning" variant="outlined" sx={{ mt: 1 }}>
          {warning}
        </Alert>
      ))}
    </Box>
  );
}
