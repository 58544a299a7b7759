import AddIcon from '@mui/icons-material/Add';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';

import { useOccurrences } from '../api/occurrences.ts';
import { useForecast } from '../api/system.ts';
import { useTasks } from '../api/tasks.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { TextLink } from '../components/TextLink.tsx';
import type { SeriesName } from '../forecast/seriesLooks.ts';
import { OccurrenceTable } from '../occurrences/OccurrenceTable.tsx';
import { HealthStrip } from './HealthStrip.tsx';
import { RecentFailures } from './RecentFailures.tsx';

const ForecastExplorer = lazy(async () => ({
  default: (await import('../forecast/ForecastExplorer.tsx')).ForecastExplorer,
}));

/** The state of things on one page: is it well, is there enough for what comes, what is next, what went wrong. */
export function OverviewPage() {
  const any = useTasks({ limit: 1, page: 0 });
  return (
    <>
      <PageHeader
        title="Overview"
        lead="What runs, what comes, and whether there is enough for it."
        actions={
          <Button component={Link} to="/tasks/new" state={{ backTo: '/' }} variant="contained" startIcon={<AddIcon />}>
            New task
          </Button>
        }
      />
      <Box sx={{ display: 'grid', gap: 2.5 }}>
        <HealthStrip />
        {any.data?.total === 0 && <Welcome />}
        <ForecastPanel />
        <Box
          sx={{
            display: 'grid',
            alignItems: 'start',
            gap: 2.5,
            gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' },
          }}
        >
          <NextRuns />
          <RecentFailures />
        </Box>
      </Box>
    </>
  );
}

function Welcome() {
  return (
    <Panel title="Welcome">
      <EmptyState
        title="Nothing is scheduled yet"
        action={
          <Button component={Link} to="/tasks/new" variant="contained">
            Create the first task
          </Button>
        }
      >
        A task says what to run and when. Its coming runs appear here at once, with the instances that they need.
      </EmptyState>
    </Panel>
  );
}

function ForecastPanel() {
  const forecast = useForecast(3, 30);
  const [hidden, setHidden] = useState<ReadonlySet<SeriesName>>(new Set());
  return (
    <Panel title="The next three hours" action={<TextLink to="/forecast">Full forecast</TextLink>}>
      <QueryView query={forecast} what="the forecast" skeletonHeight={400}>
        {(data) => (
          <Suspense fallback={<Skeleton variant="rounded" height={400} />}>
            <ForecastExplorer
              forecast={data}
              hidden={hidden}
              onToggle={(name) => {
                const next = new Set(hidden);
                if (!next.delete(name)) next.add(name);
                setHidden(next);
              }}
            />
          </Suspense>
        )}
      </QueryView>
    </Panel>
  );
}

function NextRuns() {
  const coming = useOccurrences({ status: 'Scheduled', order: 'asc', limit: 10 });
  return (
    <Panel title="Next runs" action={<TextLink to="/schedule">Schedule</TextLink>} flush>
      <QueryView query={coming} what="the next runs" inset skeletonHeight={320}>
        {({ items }) => <OccurrenceTable occurrences={items} withTask />}
      </QueryView>
    </Panel>
  );
}
