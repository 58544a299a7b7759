import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';

import type { Ledger } from '../api/shapes.ts';
import { formatDay } from '../time/formatInstant.ts';
import { dayShares } from './ledgerWords.ts';

type Day = Ledger['days'][number];
const COUNTS = ['expected', 'accounted', 'pending', 'unaccounted', 'unexpected'] as const;

/** Each day's balance, the latest first. */
export function LedgerDays({ days }: { readonly days: readonly Day[] }) {
  if (days.length === 0) {
    return <Box sx={{ px: 2, pb: 2, color: 'text.secondary', fontSize: '0.8438rem' }}>None.</Box>;
  }
  const latestFirst = [...days].sort((one, other) => other.day.localeCompare(one.day));
  return (
    <TableContainer tabIndex={0} role="region" aria-label="Day by day">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Day</TableCell>
            <TableCell sx={{ width: '32%', ...onlyWide }} aria-label="Parts" />
            {COUNTS.map((name) => (
              <TableCell key={name} align="right" sx={{ textTransform: 'capitalize' }}>
                {name}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {latestFirst.map((day) => (
            <TableRow key={day.day} hover>
              <TableCell component="th" scope="row" sx={{ whiteSpace: 'nowrap' }}>
                {formatDay(Date.parse(day.day), 'UTC')}
                {day.source === 'recorded' && (
                  <Box sx={{ color: 'text.secondary', fontSize: '0.7188rem' }}>as the nightly check found it</Box>
                )}
              </TableCell>
              <TableCell sx={onlyWide}>
                <Bar day={day} />
              </TableCell>
              {COUNTS.map((name) => (
                <TableCell
                  key={name}
                  align="right"
                  sx={isFault(name) && day[name] > 0 ? { color: 'error.main', fontWeight: 700 } : null}
                >
                  {day[name].toLocaleString('en')}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** Where there is no room for the picture, the numbers have to do. */
const onlyWide = { display: { xs: 'none', sm: 'table-cell' } } as const;

function isFault(name: (typeof COUNTS)[number]): boolean {
  return name === 'unaccounted' || name === 'unexpected';
}

/** The same figures as a picture; the numbers stand beside it. */
function Bar({ day }: { readonly day: Day }) {
  const shares = dayShares(day);
  return (
    <Box aria-hidden sx={{ display: 'flex', height: 10, borderRadius: 1, overflow: 'hidden', bgcolor: 'action.hover' }}>
      <Box sx={{ width: `${shares.accounted}%`, bgcolor: 'success.main' }} />
      <Box sx={{ width: `${shares.pending}%`, bgcolor: 'info.main', opacity: 0.55 }} />
      <Box sx={{ width: `${shares.unaccounted}%`, minWidth: day.unaccounted > 0 ? 3 : 0, bgcolor: 'error.main' }} />
    </Box>
  );
}
