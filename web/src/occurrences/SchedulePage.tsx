import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';

import { OccurrenceListQuery } from '../../../api/contract/occurrence.ts';
import { useOccurrences } from '../api/occurrences.ts';
import type { Occurrence, OccurrenceQuery } from '../api/shapes.ts';
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
import { useCurrentMinute } from '../time/useNow.ts';
import { When } from '../time/When.tsx';
import { occurrenceColumns } from './occurrenceColumns.tsx';

const STATUSES = ['Scheduled', 'Queued', 'Running', 'Completed', 'Failed', 'Skipped', 'Expired', 'Cancelled'] as const;
const NO_FILTERS = { status: undefined, taskId: undefined, taskType: undefined, from: undefined, until: undefined };

/** Every occurrence: what ran, what runs, and what is already written for the coming hours. */
export function SchedulePage() {
  const { query, dropped, change } = useListUrl(OccurrenceListQuery);
  const { limit = 50, cursor, status } = query;
  const minute = useCurrentMinute();
  const order = query.order ?? (status === undefined || status === 'Scheduled' ? 'asc' : 'desc');
  // Coming and past part at now, unless the address says where; from the second page on it does.
  const bounds = { from: query.from, until: query.until };
  const coming = order === 'asc';
  if (bounds.from === undefined && bounds.until === undefined) bounds[coming ? 'from' : 'until'] = minute;
  const occurrences = useOccurrences(knownOnly({ ...query, ...bounds, limit, order }));
  const types = useTaskTypes().data?.items ?? [];
  const filtered = Object.keys(NO_FILTERS).some((name) => name in query);
  const failed = occurrences.isError ? occurrences.error : null;

  return (
    <>
      <PageHeader
        title="Schedule"
        lead="One row for each time a task runs: past, present, and the coming hours."
        actions={<TimeSwitch coming={coming} onChange={change} />}
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
          { name: 'from', label: 'From', value: query.from, chipOnly: true },
          { name: 'until', label: 'Until', value: query.until, chipOnly: true },
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
              onChange: ([first]) => change({ order: first?.sort ?? undefined, from: undefined, until: undefined }),
            }}
            paging={{
              kind: 'cursor',
              cursor,
              nextCursor: occurrences.data?.nextCursor ?? null,
              onCursor: (next) =>
                change(
                  next === undefined
                    ? { cursor: next, from: undefined, until: undefined }
                    : { cursor: next, ...bounds },
                ),
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
  readonly coming: boolean;
  readonly onChange: (changes: Readonly<Record<string, string | undefined>>) => void;
}

function TimeSwitch({ coming, onChange }: TimeSwitchProps) {
  return (
    <ToggleButtonGroup
      exclusive
      size="small"
      aria-label="Which times"
      value={coming ? 'asc' : 'desc'}
      onChange={(_event, order: 'asc' | 'desc' | null) => {
        if (order !== null) onChange({ order, from: undefined, until: undefined });
      }}
    >
      <ToggleButton value="desc">Past and running</ToggleButton>
      <ToggleButton value="asc">Coming</ToggleButton>
    </ToggleButtonGroup>
  );
}

/** A query without what is undefined: the contract has no word for that. */
function knownOnly(query: {
  readonly [Key in keyof OccurrenceQuery]: OccurrenceQuery[Key] | undefined;
}): OccurrenceQuery {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
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
