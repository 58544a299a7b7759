import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';

import { useOverlapForecast } from '../api/load.ts';
import type { OverlapItem } from '../api/shapes.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { ResourceGrid } from '../components/ResourceGrid.tsx';
import { StaleBanner } from '../components/StaleBanner.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { overlapColumns } from './overlapColumns.tsx';
import { perDayWords, ratioWords, trendWords } from './overlapWords.ts';

/** Recurring tasks whose runs come near their own next runs, worst first. */
export function OverlapTable() {
  const overlaps = useOverlapForecast();
  const retry = () => void overlaps.refetch();
  if (overlaps.isError && overlaps.data === undefined) {
    return <ErrorPanel error={overlaps.error} what="the overlaps" retry={retry} />;
  }
  const { total = 0, items, recurringTasks = 0 } = overlaps.data ?? {};
  return (
    <Box component="section" aria-labelledby="overlaps-title" sx={{ display: 'grid', gap: 1, minWidth: 0 }}>
      <Box>
        <Typography id="overlaps-title" variant="h2">
          Tasks that may overlap
        </Typography>
        <Typography variant="caption" component="div" sx={{ color: 'text.secondary' }}>
          Nineteen of twenty runs are shorter than p95; the gap is the smallest between two coming occurrences.
          {items !== undefined && total > items.length && ` The worst ${items.length} of ${total}.`}
        </Typography>
      </Box>
      {overlaps.isError && <StaleBanner dataMs={overlaps.dataUpdatedAt} error={overlaps.error} retry={retry} />}
      <ResourceGrid
        noun="tasks that may overlap"
        columns={overlapColumns}
        rows={items}
        rowId={(item) => item.taskId}
        paging={{ kind: 'cursor', cursor: undefined, nextCursor: null, onCursor: () => undefined }}
        renderCard={(item) => <OverlapCard item={item} />}
        empty={
          <EmptyState title="No task comes near its own next run">
            {recurringTasks.toLocaleString('en')} recurring {recurringTasks === 1 ? 'task was' : 'tasks were'} looked
            at.
          </EmptyState>
        }
      />
    </Box>
  );
}

function OverlapCard({ item }: { readonly item: OverlapItem }) {
  return (
    <Box sx={{ display: 'grid', gap: 0.5 }}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1 }}>
        <TextLink to={`/tasks/${item.taskId}`} strong>
          {item.taskName}
        </TextLink>
        <StatusMark status={item.severity} />
      </Box>
      <Box sx={{ fontSize: '0.8438rem' }}>
        p95 {formatDuration(item.p95Ms)}, {ratioWords(item.ratio)} of {formatDuration(item.periodMs.smallest)};{' '}
        {perDayWords(item.overlapsPerDay)} a day; trend {trendWords(item)}
      </Box>
      <Box sx={{ color: 'text.secondary', fontSize: '0.7812rem' }}>{item.consequence}</Box>
    </Box>
  );
}
