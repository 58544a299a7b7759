import Box from '@mui/material/Box';
import Button from '@mui/material/Button';

import { useTaskRevisions } from '../api/accounts.ts';
import type { TaskRevision } from '../api/shapes.ts';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { Panel } from '../components/Panel.tsx';
import { When } from '../time/When.tsx';

const CHANGES: Readonly<Record<TaskRevision['change'], string>> = {
  created: 'Created',
  edited: 'Edited',
  activated: 'Activated',
  paused: 'Paused',
  deactivated: 'Deactivated',
  deleted: 'Deleted',
  calendar: 'A calendar of it changed',
  migrated: 'Taken over at an upgrade',
  smoothed: 'Moved by advice',
  unsmoothed: 'Advice taken back',
};

/** What the task was, and when. */
export function HistoryPanel({ taskId, zone }: { readonly taskId: string; readonly zone: string | null }) {
  const revisions = useTaskRevisions(taskId);
  const items = revisions.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title="History" note="Each change of the task or of a calendar that it names.">
      {revisions.isError && (
        <ErrorPanel error={revisions.error} what="the history" retry={() => void revisions.refetch()} />
      )}
      <Box component="ol" aria-label="Revisions" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 1.25 }}>
        {items?.map((revision) => (
          <Revision key={revision.revision} revision={revision} zone={zone} />
        ))}
      </Box>
      {revisions.hasNextPage && (
        <Button
          size="small"
          sx={{ mt: 1 }}
          loading={revisions.isFetchingNextPage}
          onClick={() => void revisions.fetchNextPage()}
        >
          Show older
        </Button>
      )}
    </Panel>
  );
}

function Revision({ revision, zone }: { readonly revision: TaskRevision; readonly zone: string | null }) {
  return (
    <Box
      component="li"
      sx={{
        fontSize: '0.8438rem',
        pl: 1.5,
        borderLeft: 2,
        borderColor: revision.validUntil === null ? 'primary.main' : 'divider',
        minWidth: 0,
      }}
    >
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, justifyContent: 'space-between' }}>
        <Box component="span" sx={{ fontWeight: 600 }}>
          {CHANGES[revision.change]}
          <Box component="span" sx={{ color: 'text.secondary', fontWeight: 400 }}>
            {' '}
            &middot; revision {revision.revision}
            {revision.validUntil === null && ', in force'}
          </Box>
        </Box>
        <When at={revision.validFrom} zone={zone} seconds />
      </Box>
      <Box sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>
        {revision.name}: {revision.scheduleText}
        {revision.status !== 'active' && `, ${revision.status}`}
      </Box>
    </Box>
  );
}
