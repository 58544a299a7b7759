import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

import { useLoadCalendar } from '../api/load.ts';
import type { LoadCalendar } from '../api/shapes.ts';
import { changeListUrl } from '../components/listUrl.ts';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { formatClock, formatDay, formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { useZone } from '../time/ZoneContext.tsx';
import { LoadMap } from './LoadMap.tsx';
import { NamedWindows } from './NamedWindows.tsx';
import { OverlapTable } from './OverlapTable.tsx';

/** The coming week by minute: where new work fits, and where it does not. */
export function LoadPage() {
  const zone = useZone();
  const [search, setSearch] = useSearchParams();
  const from = search.get('from') ?? undefined;
  const day = search.get('day');
  const change = useCallback(
    (changes: Record<string, string | undefined>) => setSearch((current) => changeListUrl(current, changes)),
    [setSearch],
  );
  const onDay = useCallback((date: string | null) => change({ day: date ?? undefined }), [change]);
  const calendar = useLoadCalendar(zone, from);
  const until = calendar.data?.days.at(-1)?.until;
  return (
    <>
      <PageHeader
        title="Load"
        lead="How many instances each minute of a week needs, from the schedules themselves."
        actions={
          <>
            {from !== undefined && (
              <Button size="small" onClick={() => change({ from: undefined, day: undefined })}>
                This week
              </Button>
            )}
            <Button size="small" disabled={until === undefined} onClick={() => change({ from: until, day: undefined })}>
              The week after
            </Button>
          </>
        }
      />
      <Box sx={{ display: 'grid', gap: 2.5 }}>
        <Panel title="Instances by minute" note={calendar.data !== undefined && <Basis calendar={calendar.data} />}>
          <QueryView query={calendar} what="the load of the week" skeletonHeight={340}>
            {(data) => (
              <Box sx={{ display: 'grid', gap: 2.5 }} aria-busy={calendar.isPlaceholderData}>
                <LoadMap calendar={data} day={day} onDay={onDay} />
                <NamedWindows calendar={data} />
              </Box>
            )}
          </QueryView>
        </Panel>
        <OverlapTable />
      </Box>
    </>
  );
}

function Basis({ calendar }: { readonly calendar: LoadCalendar }) {
  const { pool, peak, timeZone, limit, ageMs, tasks } = calendar;
  const peakMs = Date.parse(peak?.from ?? '');
  return (
    <>
      Pool {pool}, {tasks.toLocaleString('en')} {tasks === 1 ? 'task' : 'tasks'} ahead, limit {limit}, times in{' '}
      {timeZone}.{' '}
      {peak === null
        ? 'Nothing is to do in this week.'
        : `Peak: ${peak.requiredInstances} on ${formatDay(peakMs, timeZone)}, ${formatClock(peakMs, timeZone)}.`}{' '}
      Worked out {ageMs < 1_000 ? 'just now' : `${formatDuration(ageMs)} ago`}; rows are written up to{' '}
      <When at={calendar.writtenUntil} show="absolute" />.
    </>
  );
}
