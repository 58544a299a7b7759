import Radio from '@mui/material/Radio';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';

import type { Counterfactual, CounterfactualSide } from '../api/shapes.ts';
import { TwoLines } from '../components/TwoLines.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { shareText } from './counterfactualWords.ts';

interface CounterfactualTableProps {
  readonly answer: Counterfactual;
  readonly drawn: string;
  readonly onDraw: (name: string) => void;
}

/** Every side with its figures; which of the queue-length autoscalers is drawn can be chosen here. */
export function CounterfactualTable({ answer, drawn, onDraw }: CounterfactualTableProps) {
  return (
    <TableContainer tabIndex={0} role="region" aria-label="The comparison as a table">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell padding="checkbox">Draw</TableCell>
            <TableCell>Autoscaler</TableCell>
            <TableCell align="right">Within 10 s</TableCell>
            <TableCell align="right">Late</TableCell>
            <TableCell align="right">p50</TableCell>
            <TableCell align="right">p95</TableCell>
            <TableCell align="right">p99</TableCell>
            <TableCell align="right">Worst</TableCell>
            <TableCell align="right">Ready min</TableCell>
            <TableCell align="right">All min</TableCell>
            <TableCell align="right">Peak</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {answer.sides.map((side) => (
            <TableRow key={side.name} hover selected={side.name === drawn}>
              <TableCell padding="checkbox">
                {side.kind === 'queue' && (
                  <Radio
                    size="small"
                    checked={side.name === drawn}
                    onChange={() => onDraw(side.name)}
                    slotProps={{ input: { 'aria-label': `Draw ${side.name}` } }}
                  />
                )}
              </TableCell>
              <TableCell component="th" scope="row" sx={{ minWidth: 200 }}>
                <TwoLines first={NAMES[side.kind] ?? side.name} second={detailOf(side)} />
              </TableCell>
              <TableCell align="right">{shareText(side.inTimeShare)}</TableCell>
              <TableCell align="right">{side.late.toLocaleString('en')}</TableCell>
              {[side.p50DelayMs, side.p95DelayMs, side.p99DelayMs].map((delayMs, place) => (
                <TableCell key={place} align="right" sx={NO_WRAP}>
                  {delayMs === null ? '\u2013' : formatDuration(delayMs)}
                </TableCell>
              ))}
              <TableCell align="right" sx={NO_WRAP}>
                {side.worstDelayMs === null ? 'never' : formatDuration(side.worstDelayMs)}
              </TableCell>
              <TableCell align="right">{whole(side.readyReplicaMinutes)}</TableCell>
              <TableCell align="right">{whole(side.replicaMinutes)}</TableCell>
              <TableCell align="right">{whole(side.peakReplicas)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

const NO_WRAP = { whiteSpace: 'nowrap' } as const;
const NAMES: Partial<Record<CounterfactualSide['kind'], string>> = { recorded: 'What happened', plan: 'Our plan' };

function detailOf({ kind, settings }: CounterfactualSide): string {
  if (settings === null) return kind === 'recorded' ? 'recorded' : 'simulated';
  const { messagesPerReplica, stabilisationMs, scaleUpPercent } = settings;
  const up = scaleUpPercent > 100 ? ', up at once' : '';
  return `${messagesPerReplica} each, down after ${formatDuration(stabilisationMs)}${up}`;
}

function whole(value: number | null): string {
  return value === null ? '\u2013' : Math.round(value).toLocaleString('en');
}
