import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';

import { TextLink } from '../components/TextLink.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import type { ForecastPoint } from './forecastSeries.ts';
import { chartColor } from './seriesLooks.ts';

interface StepReadoutProps {
  readonly point: ForecastPoint;
  readonly pinned: boolean;
  readonly onUnpin: () => void;
}

/** The step that is pointed at or pinned, else the present one: its numbers, and the tasks behind them. */
export function StepReadout({ point, pinned, onUnpin }: StepReadoutProps) {
  const figures = [
    ['Required', text(point.required), 'required'],
    ['Planned', text(point.planned), 'planned'],
    ['Ready', text(point.actual), 'actual'],
    ['Busy', text(point.busy), 'actual'],
    ['Limit', String(point.limit), 'limit'],
  ] as const;
  return (
    <Box sx={{ display: 'grid', gap: 1.25, alignContent: 'start', minHeight: { lg: 300 } }}>
      <Box sx={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', minHeight: 32 }}>
        <Typography variant="h3" component="p">
          <When at={new Date(point.t).toISOString()} />
        </Typography>
        {pinned && (
          <Button size="small" onClick={onUnpin}>
            Unpin
          </Button>
        )}
      </Box>
      <Box component="dl" sx={{ m: 0, display: 'grid', gridTemplateColumns: 'repeat(5, auto)', gap: 1 }}>
        {figures.map(([name, value, color]) => (
          <Box key={name} sx={{ borderLeft: 3, borderColor: chartColor(color), pl: 1 }}>
            <Box component="dt" sx={{ color: 'text.secondary', fontSize: '0.7188rem' }}>
              {name}
            </Box>
            <Box component="dd" sx={{ m: 0, fontWeight: 650, fontSize: '1.05rem' }}>
              {value}
            </Box>
          </Box>
        ))}
      </Box>
      <Typography variant="caption" sx={{ color: 'text.secondary' }}>
        {point.band !== null &&
          point.band[0] < point.band[1] &&
          `Likely between ${point.band[0]} and ${point.band[1]}.`}
      </Typography>
      {point.late > 0 && (
        <Typography variant="body2" sx={{ color: 'error.main', fontWeight: 600 }}>
          {point.late} would start more than 10 s late.
        </Typography>
      )}
      <Contributors point={point} />
    </Box>
  );
}

function Contributors({ point }: { readonly point: ForecastPoint }) {
  const largestMs = Math.max(1, ...point.top.map(({ computeMs }) => computeMs));
  return (
    <Box>
      <Typography variant="h3" sx={{ mb: 0.75 }}>
        Tasks behind it
      </Typography>
      {point.top.length === 0 && (
        <Typography variant="body2" sx={{ color: 'text.secondary' }}>
          No work falls into this step.
        </Typography>
      )}
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 0.75, fontSize: '0.8125rem' }}>
        {point.top.map((one) => (
          <li key={one.taskId}>
            <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1 }}>
              <TextLink to={`/tasks/${one.taskId}`}>{one.taskName}</TextLink>
              <Box component="span" sx={{ color: 'text.secondary', whiteSpace: 'nowrap' }}>
                {one.occurrences > 1 && `${one.occurrences} \u00d7, `}
                {formatDuration(one.computeMs)}
              </Box>
            </Box>
            <Box
              aria-hidden
              sx={{
                height: 4,
                borderRadius: 1,
                bgcolor: chartColor('required'),
                opacity: 0.55,
                width: `${(100 * one.computeMs) / largestMs}%`,
              }}
            />
          </li>
        ))}
      </Box>
    </Box>
  );
}

function text(value: number | null): string {
  return value === null ? '\u2013' : String(value);
}
