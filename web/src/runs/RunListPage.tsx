import Box from '@mui/material/Box';
import Button from '@mui/material/Button';

import { RUN_OUTCOMES, RunListQuery } from '../../../api/contract/occurrence.ts';
import { useRuns } from '../api/occurrences.ts';
import type { Run } from '../api/shapes.ts';
import { useTaskTypes } from '../api/system.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { FacetBar } from '../components/FacetBar.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { ResourceGrid } from '../components/ResourceGrid.tsx';
import { StaleBanner } from '../components/StaleBanner.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { useListUrl } from '../components/useListUrl.ts';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { runColumns } from './runColumns.tsx';

const NO_FILTERS = { outcome: undefined, taskId: undefined, taskType: undefined };

/** Every finished attempt, newest first. */
export function RunListPage() {
  const { query, dropped, change } = useListUrl(RunListQuery);
  const { limit = 50, cursor } = query;
  const runs = useRuns({ ...query, limit });
  const types = useTaskTypes().data?.items ?? [];
  const filtered = Object.keys(NO_FILTERS).some((name) => name in query);
  const retry = () => void runs.refetch();

  return (
    <>
      <PageHeader
        title="Runs"
        lead="Every attempt that has ended: how it went, how late it started, how long it took."
      />
      <FacetBar
        dropped={dropped}
        onChange={change}
        facets={[
          {
            name: 'outcome',
            label: 'Outcome',
            value: query.outcome,
            options: RUN_OUTCOMES.map((outcome) => ({ value: outcome, text: outcome.replace('-', ' ') })),
          },
          {
            name: 'taskType',
            label: 'Type',
            value: query.taskType,
            options: types.map(({ name }) => ({ value: name, text: name })),
          },
          { name: 'taskId', label: 'Task number', value: query.taskId },
        ]}
      />
      {runs.isError && runs.data === undefined ? (
        <ErrorPanel error={runs.error} what="the runs" retry={retry} />
      ) : (
        <>
          {runs.isError && <StaleBanner dataMs={runs.dataUpdatedAt} error={runs.error} retry={retry} />}
          <ResourceGrid
            noun="runs"
            columns={runColumns}
            rows={runs.data?.items}
            rowId={(run) => run.id}
            paging={{
              kind: 'cursor',
              cursor,
              nextCursor: runs.data?.nextCursor ?? null,
              onCursor: (next) => change({ cursor: next }),
            }}
            renderCard={(run) => <RunCard run={run} />}
            empty={
              filtered ? (
                <EmptyState
                  title="No run matches these filters"
                  action={
                    <Button variant="outlined" onClick={() => change(NO_FILTERS)}>
                      Clear filters
                    </Button>
                  }
                />
              ) : (
                <EmptyState title="Nothing has run yet" action={<TextLink to="/tasks">To the tasks</TextLink>}>
                  As soon as a task has run, its outcome and logs are here.
                </EmptyState>
              )
            }
          />
        </>
      )}
    </>
  );
}

function RunCard({ run }: { readonly run: Run }) {
  return (
    <Box sx={{ display: 'grid', gap: 0.5, fontSize: '0.8438rem' }}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1 }}>
        <TextLink to={`/runs/${run.id}`} strong>
          {run.taskName}
        </TextLink>
        <StatusMark status={run.outcome ?? 'Running'} />
      </Box>
      <When at={run.startedAt} seconds />
      <Box sx={{ color: 'text.secondary' }}>
        {run.elapsedMs === null ? 'still running' : `took ${formatDuration(run.elapsedMs)}`}, started{' '}
        {formatDuration(Math.max(0, run.latenessMs))} late, attempt {run.attempt}
      </Box>
      {run.error !== null && <Box sx={{ color: 'error.main', overflowWrap: 'anywhere' }}>{run.error}</Box>}
    </Box>
  );
}
