import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';

import type { Forecast } from '../api/shapes.ts';
import { useForecast, useReplicas } from '../api/system.ts';
import { changeListUrl } from '../components/listUrl.ts';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { useZone } from '../time/ZoneContext.tsx';
import { AccuracyPanel } from './AccuracyPanel.tsx';
import { BACK_HOURS } from './accuracyWords.ts';
import { ForecastExplorer } from './ForecastExplorer.tsx';
import { forecastSeries } from './forecastSeries.ts';
import { ForecastTable } from './ForecastTable.tsx';
import { ScaleDecisionList } from './ScaleDecisionList.tsx';
import { SERIES, type SeriesName } from './seriesLooks.ts';

/** How far ahead can be looked, and how much of the past is shown with it. */
const WINDOWS = [
  { hours: 1, pastMinutes: 15, text: '1 h' },
  { hours: 3, pastMinutes: 30, text: '3 h' },
  { hours: 6, pastMinutes: 60, text: '6 h' },
  { hours: 24, pastMinutes: 120, text: '24 h' },
] as const;

export function ForecastPage() {
  const [search, setSearch] = useSearchParams();
  const window = WINDOWS.find(({ hours }) => String(hours) === search.get('hours')) ?? WINDOWS[1];
  const hiddenText = search.get('hide') ?? '';
  const hidden = useMemo(() => new Set(SERIES.filter((name) => hiddenText.split(',').includes(name))), [hiddenText]);
  const back = BACK_HOURS.find((hours) => String(hours) === search.get('back')) ?? 24;
  const asTable = search.get('table') === '1';
  const change = (changes: Record<string, string | undefined>) =>
    setSearch((current) => changeListUrl(current, changes), { replace: true });
  const toggle = (name: SeriesName) => {
    const next = SERIES.filter((one) => (one === name ? !hidden.has(one) : hidden.has(one)));
    change({ hide: next.join(',') });
  };

  const forecast = useForecast(window.hours, window.pastMinutes);
  const replicas = useReplicas();
  return (
    <>
      <PageHeader
        title="Forecast"
        lead={
          <>
            How many instances the coming hours need, and will get.{' '}
            <TextLink to="/forecast/smoothing">Smooth the peaks</TextLink>
          </>
        }
        actions={
          <ToggleButtonGroup
            exclusive
            size="small"
            aria-label="How far ahead"
            value={window.hours}
            onChange={(_event, hours: number | null) => {
              if (hours !== null) change({ hours: hours === 3 ? undefined : String(hours) });
            }}
          >
            {WINDOWS.map(({ hours, text }) => (
              <ToggleButton key={hours} value={hours}>
                {text}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
        }
      />
      <Box sx={{ display: 'grid', gap: 2.5 }}>
        <Panel
          title="Instances"
          note={forecast.data !== undefined && <Basis forecast={forecast.data} />}
          action={
            <Button size="small" aria-pressed={asTable} onClick={() => change({ table: asTable ? undefined : '1' })}>
              {asTable ? 'Hide the table' : 'Show as a table'}
            </Button>
          }
        >
          <QueryView query={forecast} what="the forecast" skeletonHeight={420}>
            {(data) => <ForecastExplorer forecast={data} hidden={hidden} onToggle={toggle} />}
          </QueryView>
        </Panel>
        {asTable && forecast.data !== undefined && <TablePanel forecast={forecast.data} />}
        <AccuracyPanel hours={back} onHours={(hours) => change({ back: hours === 24 ? undefined : String(hours) })} />
        <Panel title="Scale decisions" note="What the autoscaler asked for, and why." flush>
          <QueryView query={replicas} what="the decisions" inset>
            {(data) => <ScaleDecisionList decisions={data.decisions} />}
          </QueryView>
        </Panel>
      </Box>
    </>
  );
}

function TablePanel({ forecast }: { readonly forecast: Forecast }) {
  const zone = useZone();
  const series = useMemo(() => forecastSeries(forecast), [forecast]);
  return (
    <Panel title="The same as a table" flush>
      <ForecastTable series={series} zone={zone} />
    </Panel>
  );
}

function Basis({ forecast }: { readonly forecast: Forecast }) {
  return (
    <>
      Pool {forecast.pool}, steps of {formatDuration(forecast.stepMs)}, {forecast.slotsPerReplica}{' '}
      {forecast.slotsPerReplica === 1 ? 'slot' : 'slots'} per instance, asked for {formatDuration(forecast.leadTimeMs)}{' '}
      ahead{forecast.unscheduledSlots > 0 && `, ${forecast.unscheduledSlots} more slots for unscheduled work`}, mode{' '}
      {forecast.mode}. Made <When at={forecast.generatedAt} show="relative" />.
    </>
  );
}
