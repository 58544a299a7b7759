import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';

import type { Ledger } from '../api/shapes.ts';
import { TextLink } from '../components/TextLink.tsx';
import { When } from '../time/When.tsx';
import { PROBLEM_WORDS } from './ledgerWords.ts';

export function LedgerProblems({ problems }: { readonly problems: Ledger['problems'] }) {
  return (
    <TableContainer tabIndex={0} role="region" aria-label="Problems">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>What</TableCell>
            <TableCell>Task</TableCell>
            <TableCell>Time</TableCell>
            <TableCell>Detail</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {problems.map(({ kind, taskId, at, message }, place) => (
            <TableRow key={place} hover>
              <TableCell component="th" scope="row" sx={{ whiteSpace: 'nowrap', color: 'error.main', fontWeight: 600 }}>
                {PROBLEM_WORDS[kind]}
              </TableCell>
              <TableCell>
                <TextLink to={`/tasks/${taskId}`}>{taskId}</TextLink>
              </TableCell>
              <TableCell sx={{ whiteSpace: 'nowrap' }}>
                {at === null ? (
                  '\u2013'
                ) : (
                  <Box sx={{ display: 'flex', gap: 1.5 }}>
                    <When at={at} show="absolute" seconds />
                    <TextLink to={`/tasks/${taskId}?why=${encodeURIComponent(at)}`}>Why?</TextLink>
                  </Box>
                )}
              </TableCell>
              <TableCell sx={{ minWidth: 240, overflowWrap: 'anywhere' }}>{message}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
