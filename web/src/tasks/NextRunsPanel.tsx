import Box from '@mui/material/Box';

import type { Task } from '../api/shapes.ts';
import { Panel } from '../components/Panel.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';

/** The instants at which the task runs next, as the engine that will fire them says. */
export function NextRunsPanel({ task, zone }: { readonly task: Task; readonly zone: string | null }) {
  const { flexibleWindowMs, placement } = task.policies;
  return (
    <Panel
      title="Next runs"
      note={
        flexibleWindowMs > 0 &&
        `Each up to ${formatDuration(flexibleWindowMs)} later, ${placement === 'load' ? 'where the forecast is lowest' : 'by a fixed offset of its own'}.`
      }
    >
      {task.nextRuns.length === 0 ? (
        <Box sx={{ color: 'text.secondary' }}>
          {task.status === 'paused' && task.pausedUntil !== null ? (
            <>
              None while it is paused, until <When at={task.pausedUntil} zone={zone} />.
            </>
          ) : (
            'None.'
          )}
        </Box>
      ) : (
        <Box component="ol" sx={{ m: 0, pl: 2.5, display: 'grid', gap: 0.5 }}>
          {task.nextRuns.map((at) => (
            <li key={at} data-instant={at}>
              <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 2, justifyContent: 'space-between' }}>
                <When at={at} zone={zone} />
                <TextLink to={`?why=${encodeURIComponent(at)}`}>Why?</TextLink>
              </Box>
            </li>
          ))}
        </Box>
      )}
    </Panel>
  );
}
