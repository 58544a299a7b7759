import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useState } from 'react';

import { useRunLogs } from '../api/occurrences.ts';
import type { LogLine } from '../api/shapes.ts';
import { CopyButton } from '../components/CopyButton.tsx';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { MONO } from '../theme.ts';
import { formatClock, formatOffset } from '../time/formatInstant.ts';
import { useZone } from '../time/ZoneContext.tsx';
import { filterLog, LOG_LEVELS, logAsText, type LogLevel } from './logText.ts';

interface LogViewerProps {
  readonly runId: string;
  readonly running: boolean;
  readonly zone: string | null;
}

/** The log of one attempt, a thousand lines at a time; levels and a search thin it out. */
export function LogViewer({ runId, running, zone }: LogViewerProps) {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const cursor = cursors.at(-1) ?? null;
  const log = useRunLogs(runId, running, cursor);
  const [levels, setLevels] = useState<readonly LogLevel[]>(LOG_LEVELS);
  const [search, setSearch] = useState('');

  if (log.data === undefined) {
    return log.isError ? (
      <ErrorPanel error={log.error} what="the log" retry={() => void log.refetch()} />
    ) : (
      <Skeleton variant="rounded" height={120} role="status" aria-label="Loading the log" />
    );
  }
  const all = log.data.items;
  const shown = filterLog(all, new Set(levels), search);
  const { nextCursor } = log.data;
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
        <Box sx={{ typography: 'h3', mr: 1 }}>Log</Box>
        <ToggleButtonGroup
          size="small"
          aria-label="Levels"
          value={levels}
          onChange={(_event, next: LogLevel[]) => setLevels(next)}
        >
          {LOG_LEVELS.map((level) => (
            <ToggleButton key={level} value={level}>
              {level}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <TextField
          label="Search the log"
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          sx={{ maxWidth: 180 }}
        />
        <Box role="status" sx={{ color: 'text.secondary', fontSize: '0.7812rem', flex: 1 }}>
          {shown.length === all.length ? `${all.length} lines` : `${shown.length} of ${all.length} lines`}
        </Box>
        <CopyButton text={logAsText(shown)} what="the log" />
      </Box>
      {all.length === 0 ? (
        <Box sx={{ color: 'text.secondary' }}>{running ? 'Nothing logged so far.' : 'It logged nothing.'}</Box>
      ) : (
        <Lines lines={shown} zone={zone} />
      )}
      {(cursors.length > 1 || nextCursor !== null) && (
        <Box sx={{ display: 'flex', gap: 1 }}>
          <Button size="small" disabled={cursors.length === 1} onClick={() => setCursors(cursors.slice(0, -1))}>
            Earlier lines
          </Button>
          <Button size="small" disabled={nextCursor === null} onClick={() => setCursors([...cursors, nextCursor])}>
            Later lines
          </Button>
        </Box>
      )}
    </Box>
  );
}

const LEVEL_COLORS: Readonly<Record<LogLevel, string>> = {
  debug: 'text.secondary',
  info: 'info.main',
  warn: 'warning.main',
  error: 'error.main',
};

function Lines({ lines, zone }: { readonly lines: readonly LogLine[]; readonly zone: string | null }) {
  const shownZone = useZone(zone);
  const firstMs = lines[0] === undefined ? 0 : Date.parse(lines[0].at);
  return (
    <Box
      tabIndex={0}
      role="region"
      aria-label="Log lines"
      sx={{
        maxHeight: 520,
        overflow: 'auto',
        borderRadius: 1,
        bgcolor: 'action.hover',
        py: 1,
        fontFamily: MONO,
        fontSize: '0.7812rem',
        lineHeight: 1.55,
      }}
    >
      <Box sx={{ px: 1.5, pb: 0.5, color: 'text.secondary' }}>
        Times in {shownZone} {shownZone !== 'UTC' && `(${formatOffset(firstMs, shownZone)})`}
      </Box>
      {lines.map((line) => {
        const ms = Date.parse(line.at);
        return (
          <Box
            key={line.seq}
            sx={{
              display: 'grid',
              gridTemplateColumns: { xs: 'auto 1fr', sm: '3.5em auto 4em 1fr' },
              columnGap: 1.5,
              px: 1.5,
              '&:hover': { bgcolor: 'action.hover' },
            }}
          >
            <Box sx={{ color: 'text.secondary', textAlign: 'right', display: { xs: 'none', sm: 'block' } }}>
              {line.seq}
            </Box>
            <Box component="time" dateTime={line.at} sx={{ color: 'text.secondary' }}>
              {formatClock(ms, shownZone, true)}.{String(ms % 1_000).padStart(3, '0')}
            </Box>
            <Box sx={{ color: LEVEL_COLORS[line.level], fontWeight: 600 }}>{line.level}</Box>
            <Box sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', gridColumn: { xs: '1 / -1', sm: 'auto' } }}>
              {line.message}
            </Box>
          </Box>
        );
      })}
    </Box>
  );
}
