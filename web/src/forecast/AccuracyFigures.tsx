import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';

import type { ForecastAccuracy } from '../api/shapes.ts';
import { formatDuration } from '../time/formatInstant.ts';
import { errorParts, percent, signed } from './accuracyWords.ts';
import { chartColor } from './seriesLooks.ts';

/** The forecast by how long before it was said. */
export function HorizonTable({ horizons }: Pick<ForecastAccuracy, 'horizons'>) {
  return (
    <NumberTable
      title="By how early it was said"
      head={['Before', 'Error', 'Bias', 'Too low', 'Plan too low']}
      rows={horizons.map((horizon) => [
        formatDuration(horizon.horizonMs),
        percent(horizon.meanAbsoluteError),
        signed(horizon.bias),
        percent(horizon.underRequiredShare),
        percent(horizon.underPlannedShare),
      ])}
    />
  );
}

const TYPES_SHOWN = 8;

/** How late work started, all of it and by type. */
export function StartTable({ starts }: Pick<ForecastAccuracy, 'starts'>) {
  const rows = [{ taskType: 'All types', ...starts }, ...starts.byType.slice(0, TYPES_SHOWN)];
  return (
    <NumberTable
      title="Starts"
      head={['Task type', 'Starts', 'In 10 s', 'p50', 'p95', 'p99']}
      rows={rows.map((one) => [
        one.taskType,
        one.starts.toLocaleString('en-GB'),
        percent(one.withinShare),
        ...[one.p50Ms, one.p95Ms, one.p99Ms].map((ms) => (ms === null ? '\u2013' : formatDuration(ms))),
      ])}
    />
  );
}

interface NumberTableProps {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function NumberTable({ title, head, rows }: NumberTableProps) {
  const dense = {
    px: { xs: 0.5, sm: 1 },
    fontSize: { xs: '0.75rem', sm: '0.8125rem' },
    '&:first-of-type': { pl: 0 },
    '&:last-of-type': { pr: 0 },
  };
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="h3" sx={{ mb: 0.5 }}>
        {title}
      </Typography>
      <TableContainer tabIndex={0} role="region" aria-label={title}>
        <Table size="small">
          <TableHead>
            <TableRow>
              {head.map((name, place) => (
                <TableCell key={name} align={place === 0 ? 'left' : 'right'} sx={{ ...dense, whiteSpace: 'nowrap' }}>
                  {name}
                </TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.map(([name = '', ...values]) => (
              <TableRow key={name}>
                <TableCell component="th" scope="row" sx={{ ...dense, overflowWrap: 'anywhere' }}>
                  {name}
                </TableCell>
                {values.map((value, place) => (
                  <TableCell key={head[place + 1]} align="right" sx={{ ...dense, whiteSpace: 'nowrap' }}>
                    {value}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </Box>
  );
}

/** Where the difference came from, in instance-seconds: bars to the right are what was wanting. */
export function ErrorParts({ error }: { readonly error: NonNullable<ForecastAccuracy['error']> }) {
  const parts = errorParts(error);
  const largest = Math.max(1e-9, ...parts.map(({ replicaSeconds }) => Math.abs(replicaSeconds)));
  return (
    <Box>
      <Typography variant="h3" sx={{ mb: 0.5 }}>
        Where the difference came from
      </Typography>
      <Typography variant="body2" sx={{ color: 'text.secondary', mb: 1 }}>
        {signed(error.total)} instance-seconds over {error.minutes} {error.minutes === 1 ? 'minute' : 'minutes'},
        against {signed(error.foretold).replace('+', '')} foretold {formatDuration(error.horizonMs)} before.
      </Typography>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 0.75, fontSize: '0.8125rem' }}>
        {parts.map(({ name, what, replicaSeconds }) => (
          <li key={name}>
            <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1 }}>
              <span>
                <strong>{name}</strong>{' '}
                <Box component="span" sx={{ color: 'text.secondary' }}>
                  {what}
                </Box>
              </span>
              <Box component="span" sx={{ whiteSpace: 'nowrap' }}>
                {signed(replicaSeconds)} s
              </Box>
            </Box>
            <Box aria-hidden sx={{ height: 4, display: 'grid', gridTemplateColumns: '1fr 1fr' }}>
              <Bar share={replicaSeconds < 0 ? -replicaSeconds / largest : 0} side="left" />
              <Bar share={replicaSeconds > 0 ? replicaSeconds / largest : 0} side="right" />
            </Box>
          </li>
        ))}
      </Box>
    </Box>
  );
}

function Bar({ share, side }: { readonly share: number; readonly side: 'left' | 'right' }) {
  const color = chartColor(side === 'left' ? 'required' : 'short');
  return (
    <Box
      sx={{
        justifySelf: side === 'left' ? 'end' : 'start',
        width: `${100 * share}%`,
        bgcolor: color,
        opacity: 0.7,
        borderRadius: 1,
        ...(side === 'right' && { borderLeft: 1, borderColor: 'divider' }),
      }}
    />
  );
}
