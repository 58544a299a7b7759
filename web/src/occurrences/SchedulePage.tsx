import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';

import { OccurrenceListQuery } from '../../../api/contract/occurrence.ts';
import { useOccurrences } from '../api/occurrences.ts';
import type { Occurrence } from '../api/shapes.ts';
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
import { serverNowMs } from '../time/serverClock.ts';
import { When } from '../time/When.tsx';
import { occurrenceColumns } from './occurrenceColumns.tsx';

const STATUSES = ['Scheduled', 'Queued', 'Running', 'Completed', 'Failed', 'Skipped', 'Expired', 'Cancelled'] as const;
const NO_FILTERS = { status: undefined, taskId: undefined, taskType: undefined, from: undefined, until: undefined };

/** Every occurrence: what ran, what runs, and what is already written for the coming hours. */
export function SchedulePage() {
  const { query, dropped, change } = useListUrl(OccurrenceListQuery);
  const { limit = 50, order = 'desc', cursor } = query;
  const occurrences = useOccurrences({ ...query, limit, order });
  const types = useTaskTypes().data?.items ?? [];
  const filtered = Object.keys(NO_FILTERS).some((name) => name in query);
  const failed = occurrences.isError ? occurrences.error : null;

  return (
    <>
      <PageHeader
        title="Schedule"
        lead="One row for each time a task runs: past, present, and the coming hours."
        actions={<TimeSwitch from={query.from} until={query.until} onChange={change} />}
      />
      <FacetBar
        dropped={dropped}
        onChange={change}
        facets={[
          {
            name: 'status',
            label: 'Status',
            value: query.status,
            options: STATUSES.map((status) => ({ value: status, text: status })),
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
      {failed !== null && occurrences.data === undefined ? (
        <ErrorPanel error={failed} what="the schedule" retry={() => void occurrences.refetch()} />
      ) : (
        <>
          {failed !== null && (
            <StaleBanner dataMs={occurrences.dataUpdatedAt} error={failed} retry={() => void occurrences.refetch()} />
          )}
          <ResourceGrid
            noun="occurrences"
            columns={occurrenceColumns}
            rows={occurrences.data?.items}
            rowId={(occurrence) => occurrence.id}
            sort={{
              model: [{ field: 'scheduledTime', sort: order }],
              onChange: ([first]) => change({ order: first?.sort === 'asc' ? 'asc' : undefined }),
            }}
            paging={{
              kind: 'cursor',
              cursor,
              nextCursor: occurrences.data?.nextCursor ?? null,
              onCursor: (next) => change({ cursor: next }),
            }}
            renderCard={(occurrence) => <OccurrenceCard occurrence={occurrence} />}
            empty={filtered ? <NothingMatches onClear={() => change(NO_FILTERS)} /> : <NoOccurrences />}
          />
        </>
      )}
    </>
  );
}

interface TimeSwitchProps {
  readonly from: string | undefined;
  readonly until: string | undefined;
  readonly onChange: (changes: Readonly<Record<string, string | undefined>>) => void;
}

function TimeSwitch({ from, until, onChange }: TimeSwitchProps) {
  const value = from !== undefined ? 'coming' : until !== undefined ? 'past' : 'all';
  return (
    <ToggleButtonGroup
      exclusive
      size="small"
      aria-label="Which times"
      value={value}
      onChange={(_event, next: typeof value | null) => {
        if (next === null) return;
        const now = new Date(serverNowMs()).toISOString();
        onChange({
          from: next === 'coming' ? now : undefined,
          until: next === 'past' ? now : undefined,
          order: next === 'coming' ? 'asc' : undefined,
        });
      }}
    >
      <ToggleButton value="all">All</ToggleButton>
      <ToggleButton value="past">Past</ToggleButton>
      <ToggleButton value="coming">Coming</ToggleButton>
    </ToggleButtonGroup>
  );
}

function OccurrenceCard({ occurrence }: { readonly occurrence: Occurrence }) {
  return (
    <Box sx={{ display: 'grid', gap: 0.5, fontSize: '0.8438rem' }}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1 }}>
        <TextLink to={`/occurrences/${occurrence.id}`} strong>
          {occurrence.taskName}
        </TextLink>
        <StatusMark status={occurrence.status} />
      </Box>
      <When at={occurrence.scheduledTime} seconds />
      {occurrence.reason !== null && <Box sx={{ color: 'text.secondary' }}>{occurrence.reason}</Box>}
    </Box>
  );
}

function NoOccurrences() {
  return (
    <EmptyState title="Nothing is scheduled yet" action={<TextLink to="/tasks/new">Create a task</TextLink>}>
      As soon as there is an active task, its coming runs appear here.
    </EmptyState>
  );
}

function NothingMatches({ onClear }: { readonly onClear: () => void }) {
  return (
    <EmptyState
      title="No occurrence matches these filters"
      action={
        <Button variant="outlined" onClick={onClear}>
          Clear filters
        </Button>
      }
    />
  );
}
