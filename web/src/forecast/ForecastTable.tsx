import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';

import { formatOffset, formatShort } from '../time/formatInstant.ts';
import type { ForecastPoint, ForecastSeries } from './forecastSeries.ts';

interface ForecastTableProps {
  readonly series: ForecastSeries;
  readonly zone: string;
}

/** The same numbers as the chart, as a table. Steps with the numbers of the one before are left out. */
export function ForecastTable({ series, zone }: ForecastTableProps) {
  const rows = series.points.filter((point, place) => !isSame(point, series.points[place - 1]));
  return (
    <TableContainer sx={{ maxHeight: 420 }} tabIndex={0} role="region" aria-label="The forecast as a table">
      <Table size="small" stickyHeader>
        <TableHead>
          <TableRow>
            <TableCell>From ({zone})</TableCell>
            <TableCell align="right">Required</TableCell>
            <TableCell align="right">Likely</TableCell>
            <TableCell align="right">Planned</TableCell>
            <TableCell align="right">Ready</TableCell>
            <TableCell align="right">Busy</TableCell>
            <TableCell align="right">Limit</TableCell>
            <TableCell align="right">Late</TableCell>
            <TableCell>Largest tasks</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((point) => (
            <TableRow key={point.t}>
              <TableCell component="th" scope="row" sx={{ whiteSpace: 'nowrap' }}>
                {formatShort(point.t, zone, series.nowMs)} {formatOffset(point.t, zone)}
              </TableCell>
              <TableCell align="right">{point.required ?? '\u2013'}</TableCell>
              <TableCell align="right">{point.band === null ? '\u2013' : point.band.join('\u2013')}</TableCell>
              <TableCell align="right">{point.planned ?? '\u2013'}</TableCell>
              <TableCell align="right">{point.actual ?? '\u2013'}</TableCell>
              <TableCell align="right">{point.busy ?? '\u2013'}</TableCell>
              <TableCell align="right">{point.limit}</TableCell>
              <TableCell align="right">{point.late}</TableCell>
              <TableCell sx={{ minWidth: 220 }}>
                {point.top.map(({ taskName }) => taskName).join(', ') || '\u2013'}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function isSame(one: ForecastPoint, other: ForecastPoint | undefined): boolean {
  return other !== undefined && lineOf(one) === lineOf(other);
}

function lineOf({ required, planned, actual, busy, band, limit, late }: ForecastPoint): string {
  return [required, planned, actual, busy, band?.join(), limit, late].join('|');
}
