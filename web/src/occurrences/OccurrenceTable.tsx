import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';

import type { Occurrence } from '../api/shapes.ts';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { TRIGGER_WORDS } from './triggerWords.ts';

interface OccurrenceTableProps {
  readonly occurrences: readonly Occurrence[];
  readonly zone?: string | null;
  /** For what is to come over several tasks: names the task, and leaves out how it went. */
  readonly withTask?: boolean;
  /** For the occurrences of one task, on its page: each can be explained there. */
  readonly withWhy?: boolean;
}

/** A short, fixed list of occurrences; long ones have the schedule page. */
export function OccurrenceTable({ occurrences, zone = null, withTask = false, withWhy = false }: OccurrenceTableProps) {
  if (occurrences.length === 0) {
    return <Box sx={{ px: 2, pb: 2, color: 'text.secondary', fontSize: '0.8438rem' }}>None.</Box>;
  }
  return (
    <TableContainer tabIndex={0} role="region" aria-label="Occurrences">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Scheduled</TableCell>
            {withTask && <TableCell>Task</TableCell>}
            {!withTask && <TableCell>Status</TableCell>}
            {!withTask && <TableCell align="right">Took</TableCell>}
            {!withTask && <TableCell align="right">Attempts</TableCell>}
            {withWhy && <TableCell />}
          </TableRow>
        </TableHead>
        <TableBody>
          {occurrences.map((occurrence) => (
            <TableRow key={occurrence.id} hover>
              <TableCell sx={{ whiteSpace: 'nowrap' }}>
                <TextLink to={`/occurrences/${occurrence.id}`}>
                  <When at={occurrence.scheduledTime} zone={zone} />
                </TextLink>
              </TableCell>
              {withTask && (
                <TableCell>
                  <TextLink to={`/tasks/${occurrence.taskId}`} strong>
                    {occurrence.taskName}
                  </TextLink>
                  <Box sx={{ color: 'text.secondary', fontSize: '0.7812rem' }}>{occurrence.taskType}</Box>
                </TableCell>
              )}
              {!withTask && (
                <TableCell>
                  <StatusMark status={occurrence.status} title={occurrence.reason} />
                  {TRIGGER_WORDS[occurrence.trigger].short !== '' && (
                    <Box sx={{ color: 'text.secondary', fontSize: '0.7188rem' }}>
                      {TRIGGER_WORDS[occurrence.trigger].short}
                    </Box>
                  )}
                </TableCell>
              )}
              {!withTask && <TableCell align="right">{tookText(occurrence)}</TableCell>}
              {!withTask && <TableCell align="right">{occurrence.attempt}</TableCell>}
              {withWhy && (
                <TableCell align="right">
                  <TextLink to={`?why=${encodeURIComponent(occurrence.scheduledTime)}`}>Why?</TextLink>
                </TableCell>
              )}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

export function tookText({ startTime, endTime }: Pick<Occurrence, 'startTime' | 'endTime'>): string {
  return startTime === null || endTime === null
    ? '\u2013'
    : formatDuration(Math.max(0, Date.parse(endTime) - Date.parse(startTime)));
}
