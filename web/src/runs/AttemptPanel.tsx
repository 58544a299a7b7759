import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useState } from 'react';

import type { Run } from '../api/shapes.ts';
import { CodeBlock } from '../components/CodeBlock.tsx';
import { Panel } from '../components/Panel.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { formatBytes, formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { LogViewer } from './LogViewer.tsx';

interface AttemptPanelProps {
  readonly run: Run;
  readonly zone: string | null;
  readonly startsOpen: boolean;
}

/** One attempt: how it ended, what it used, what it said. The log is only asked for while the panel is open. */
export function AttemptPanel({ run, zone, startsOpen }: AttemptPanelProps) {
  const [open, setOpen] = useState(startsOpen);
  return (
    <Panel
      title={`Attempt ${run.attempt}`}
      action={
        <>
          <StatusMark status={run.outcome ?? 'Running'} />
          <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide' : 'Show'}
          </Button>
        </>
      }
      note={
        <>
          Started <When at={run.startedAt} zone={zone} seconds />
          {run.elapsedMs !== null && `, took ${formatDuration(run.elapsedMs)}`}
        </>
      }
    >
      {open && (
        <Box sx={{ display: 'grid', gap: 2 }}>
          {run.error !== null && (
            <Alert
              severity="error"
              variant="outlined"
              sx={{ '& .MuiAlert-message': { overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' } }}
            >
              {run.error}
            </Alert>
          )}
          <Figures run={run} />
          {run.result !== null && <CodeBlock label="Result" text={JSON.stringify(run.result, null, 2)} />}
          <LogViewer runId={run.id} running={run.outcome === null} zone={zone} />
        </Box>
      )}
    </Panel>
  );
}

function Figures({ run }: { readonly run: Run }) {
  const figures = [
    ['Started late by', formatDuration(Math.max(0, run.latenessMs))],
    ['Execution', run.elapsedMs === null ? 'still running' : formatDuration(run.elapsedMs)],
    ['CPU', run.cpuMs === null ? 'not measured' : formatDuration(run.cpuMs)],
    ['Memory at most', run.peakMemoryBytes === null ? 'not measured' : formatBytes(run.peakMemoryBytes)],
    ['Processor', run.processor ?? 'not known'],
  ] as const;
  return (
    <Box component="dl" sx={{ m: 0, display: 'flex', flexWrap: 'wrap', columnGap: 4, rowGap: 1 }}>
      {figures.map(([name, value]) => (
        <Box key={name}>
          <Box component="dt" sx={{ color: 'text.secondary', fontSize: '0.7812rem' }}>
            {name}
          </Box>
          <Box component="dd" sx={{ m: 0, fontWeight: 600, fontSize: '0.875rem' }}>
            {value}
          </Box>
        </Box>
      ))}
    </Box>
  );
}
