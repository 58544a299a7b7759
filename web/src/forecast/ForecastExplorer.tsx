import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import useMediaQuery from '@mui/material/useMediaQuery';
import { type KeyboardEvent, useCallback, useId, useMemo, useState } from 'react';

import type { Forecast } from '../api/shapes.ts';
import { formatOffset, formatShort } from '../time/formatInstant.ts';
import { useZone } from '../time/ZoneContext.tsx';
import { ForecastChart } from './ForecastChart.tsx';
import { ForecastLegend } from './ForecastLegend.tsx';
import { axisTop, type ForecastSeries, forecastSeries, pointAt } from './forecastSeries.ts';
import { breachSentence, forecastSentence, pointSentence } from './forecastWords.ts';
import { SERIES, type SeriesName } from './seriesLooks.ts';
import { stepAfterKey } from './stepAfterKey.ts';
import { StepReadout } from './StepReadout.tsx';

interface ForecastExplorerProps {
  readonly forecast: Forecast;
  readonly hidden: ReadonlySet<SeriesName>;
  readonly onToggle: (name: SeriesName) => void;
}

/** The chart with its sentence, its legend, and the readout of the step that is pointed at, walked to, or pinned. */
export function ForecastExplorer({ forecast, hidden, onToggle }: ForecastExplorerProps) {
  const zone = useZone();
  const phone = useMediaQuery('(max-width:599.95px)', { noSsr: true });
  const series = useMemo(() => forecastSeries(forecast), [forecast]);
  const sentenceId = useId();
  // Steps are known by their time, so that new data does not move what is pointed at.
  const [hoveredMs, setHoveredMs] = useState<number | null>(null);
  const [markedMs, setMarkedMs] = useState<number | null>(null);
  const top = useGrowing(axisTop(series.peak, series.points.at(-1)?.limit ?? 0));
  const onPick = useCallback((ms: number) => setMarkedMs((marked) => (marked === ms ? null : ms)), []);

  const marked = markedMs !== null && markedMs >= series.fromMs ? markedMs : null;
  const point = pointAt(series.points, marked ?? hoveredMs ?? series.nowMs) ?? series.points[0];
  if (point === undefined) return <Typography>There is no forecast yet.</Typography>;
  const place = series.points.indexOf(point);
  const known: Partial<Record<SeriesName, boolean>> = {
    band: series.points.some(({ band }) => band !== null),
    late: series.lateStretches.length > 0,
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepAfterKey(event.key, place, series.points.length);
    if (event.key === 'Escape') setMarkedMs(null);
    if (next === undefined) return;
    event.preventDefault();
    setMarkedMs(series.points[next]?.t ?? null);
  };

  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <Typography id={sentenceId} variant="body1">
        {forecastSentence(series, zone)}
      </Typography>
      {forecast.breach === null ? (
        <Shortfalls series={series} zone={zone} />
      ) : (
        <Alert severity="error" variant="outlined">
          {breachSentence(forecast.breach, series.points.at(-1)?.limit ?? 0)}
        </Alert>
      )}
      <Box
        sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 1fr) 300px' } }}
      >
        <Box sx={{ minWidth: 0 }}>
          <Box
            role="slider"
            tabIndex={0}
            aria-label="Step of the forecast"
            aria-describedby={sentenceId}
            aria-valuemin={0}
            aria-valuemax={series.points.length - 1}
            aria-valuenow={place}
            aria-valuetext={pointSentence(point, zone, series.nowMs)}
            onKeyDown={onKeyDown}
            sx={{ borderRadius: 1, '&:focus-visible': { outline: '2px solid', outlineColor: 'primary.main' } }}
          >
            <Box aria-hidden sx={{ '& .recharts-surface': { outline: 'none' } }}>
              <ForecastChart
                series={series}
                top={top}
                zone={zone}
                hidden={hidden}
                markedMs={marked}
                height={phone ? 220 : 330}
                mostTicks={phone ? 5 : 14}
                onHover={setHoveredMs}
                onPick={onPick}
              />
            </Box>
          </Box>
          <Box
            sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between', gap: 1 }}
          >
            <ForecastLegend names={SERIES.filter((name) => known[name] ?? true)} hidden={hidden} onToggle={onToggle} />
            <Typography variant="caption" sx={{ color: 'text.secondary' }}>
              Instances over time in {zone} {zone !== 'UTC' && `(${formatOffset(series.nowMs, zone)})`}
            </Typography>
          </Box>
        </Box>
        <StepReadout point={point} pinned={marked !== null} onUnpin={() => setMarkedMs(null)} />
      </Box>
    </Box>
  );
}

/** The axis grows with the peaks of a visit and does not jump back when they are over. */
function useGrowing(value: number): number {
  const [largest, setLargest] = useState(value);
  if (value > largest) setLargest(value);
  return Math.max(largest, value);
}

function Shortfalls({ series, zone }: { readonly series: ForecastSeries; readonly zone: string }) {
  const [next] = series.shortfalls.filter(({ untilMs }) => untilMs > series.nowMs);
  if (next === undefined) return null;
  const point = pointAt(series.points, next.fromMs);
  const [largest] = point?.top ?? [];
  const say = (ms: number) => formatShort(ms, zone, series.nowMs);
  return (
    <Alert severity="warning" variant="outlined">
      {say(next.fromMs)} to {say(next.untilMs)} {formatOffset(next.fromMs, zone)}: {next.missing} more needed than the
      limit allows{largest === undefined ? '.' : `, largest: ${largest.taskName}.`}
    </Alert>
  );
}
