import SouthIcon from '@mui/icons-material/ArrowDownward';
import NorthIcon from '@mui/icons-material/ArrowUpward';
import RemoveIcon from '@mui/icons-material/Remove';
import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';

import type { ScaleDecision } from '../api/shapes.ts';
import { StatusMark } from '../components/StatusMark.tsx';
import { When } from '../time/When.tsx';
import { reasonWords } from './reasonWords.ts';

/** What the autoscaler did, newest first, and why. */
export function ScaleDecisionList({ decisions }: { readonly decisions: readonly ScaleDecision[] }) {
  if (decisions.length === 0) {
    return (
      <Box sx={{ px: 2, pb: 2, color: 'text.secondary', fontSize: '0.8438rem' }}>
        No decision yet. The first one comes when the needed number of instances changes.
      </Box>
    );
  }
  return (
    <TableContainer tabIndex={0} role="region" aria-label="Scale decisions" sx={{ maxHeight: 380 }}>
      <Table size="small" stickyHeader>
        <TableHead>
          <TableRow>
            <TableCell>When</TableCell>
            <TableCell>Instances</TableCell>
            <TableCell>Outcome</TableCell>
            <TableCell>Why</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {decisions.map((decision) => (
            <TableRow key={decision.id}>
              <TableCell>
                <When at={decision.decidedAt} seconds />
              </TableCell>
              <TableCell>
                <Change decision={decision} />
              </TableCell>
              <TableCell>
                <StatusMark status={decision.outcome} />
              </TableCell>
              <TableCell sx={{ minWidth: 240 }}>{whyOf(decision)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** In words with numbers, where there are some; a failure says what went wrong. */
function whyOf({ outcome, detail, reason }: ScaleDecision): string {
  return detail === null || outcome === 'failed' ? reasonWords(reason) : detail;
}

function Change({ decision: { fromReplicas, toReplicas } }: { readonly decision: ScaleDecision }) {
  const direction = fromReplicas === null ? 0 : Math.sign(toReplicas - fromReplicas);
  const Icon = direction > 0 ? NorthIcon : direction < 0 ? SouthIcon : RemoveIcon;
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 0.5, whiteSpace: 'nowrap' }}>
      <Icon
        aria-hidden
        sx={{ fontSize: 15, color: direction > 0 ? 'success.main' : direction < 0 ? 'info.main' : 'text.secondary' }}
      />
      {fromReplicas ?? '?'} to {toReplicas}
    </Box>
  );
}
