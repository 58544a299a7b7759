import Box from '@mui/material/Box';

import { useRuns } from '../api/occurrences.ts';
import type { Run } from '../api/shapes.ts';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { When } from '../time/When.tsx';

/** The latest attempts that failed; some of them were tried again since, and went well. */
export function RecentFailures() {
  const failed = useRuns({ outcome: 'failed', limit: 8 });
  return (
    <Panel title="Latest failures" action={<TextLink to="/runs?outcome=failed">All failed runs</TextLink>}>
      <QueryView query={failed} what="the failures" skeletonHeight={320}>
        {({ items }) =>
          items.length === 0 ? (
            <Box sx={{ color: 'text.secondary', fontSize: '0.8438rem' }}>None. Every attempt so far went well.</Box>
          ) : (
            <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 1.25 }}>
              {items.map((run) => (
                <Failure key={run.id} run={run} />
              ))}
            </Box>
          )
        }
      </QueryView>
    </Panel>
  );
}

function Failure({ run }: { readonly run: Run }) {
  return (
    <Box component="li" sx={{ fontSize: '0.8438rem', minWidth: 0 }}>
      <Box sx={{ display: 'flex', gap: 1.25, flexWrap: 'wrap', justifyContent: 'space-between' }}>
        <Box sx={{ display: 'flex', gap: 1.25, minWidth: 0 }}>
          <StatusMark status={run.outcome ?? 'Running'} />
          <TextLink to={`/runs/${run.id}`} strong>
            {run.taskName}
          </TextLink>
        </Box>
        <When at={run.endedAt} />
      </Box>
      <Box sx={{ color: 'text.secondary', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
        {run.error}
      </Box>
    </Box>
  );
}
