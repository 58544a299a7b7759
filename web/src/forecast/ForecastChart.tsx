import { memo } from 'react';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ReferenceLine,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';

import { formatClock } from '../time/formatInstant.ts';
import { ticksUpTo, timeTicks } from './axisTicks.ts';
import { drawnPoints, type ForecastSeries } from './forecastSeries.ts';
import { chartColor, SERIES_LOOKS, type SeriesName } from './seriesLooks.ts';

interface ForecastChartProps {
  readonly series: ForecastSeries;
  readonly top: number;
  readonly zone: string;
  readonly hidden: ReadonlySet<SeriesName>;
  /** The step that is pinned, or walked to with the keyboard. */
  readonly markedMs: number | null;
  readonly height: number;
  readonly mostTicks: number;
  readonly onHover: (ms: number | null) => void;
  readonly onPick: (ms: number) => void;
}

/** Instances over time as step lines: they are whole, and hold until changed. What is pointed at is told to the outside. */
export const ForecastChart = memo(function ForecastChart(props: ForecastChartProps) {
  const { series, top, zone, hidden, markedMs, height, mostTicks, onHover, onPick } = props;
  const { fromMs, untilMs, nowMs, stepMs } = series;
  const line = (name: Exclude<SeriesName, 'band' | 'busy' | 'late'>) => {
    const look = SERIES_LOOKS[name];
    return (
      <Line
        key={name}
        dataKey={name}
        type="stepAfter"
        stroke={chartColor(look.color)}
        strokeWidth={look.width}
        strokeDasharray={look.dash}
        strokeOpacity={look.opacity}
        dot={false}
        activeDot={false}
        isAnimationActive={false}
        hide={hidden.has(name)}
      />
    );
  };
  const axis = ticksUpTo(top);
  const ceiling = axis.at(-1) ?? top;
  const limit = series.points.at(-1)?.limit ?? ceiling;
  const labelAt = (label: unknown) => (typeof label === 'number' ? label : Number(label));

  return (
    <ComposedChart
      responsive
      style={{ width: '100%', height }}
      data={[...drawnPoints(series)]}
      margin={{ top: 22, right: 14, bottom: 4, left: 0 }}
      accessibilityLayer={false}
      onMouseMove={({ activeLabel }) => onHover(activeLabel === undefined ? null : labelAt(activeLabel))}
      onMouseLeave={() => onHover(null)}
      onClick={({ activeLabel }) => {
        if (activeLabel !== undefined) onPick(labelAt(activeLabel));
      }}
    >
      <CartesianGrid vertical={false} stroke={chartColor('grid')} />
      <XAxis
        dataKey="t"
        type="number"
        scale="time"
        domain={[fromMs, untilMs]}
        allowDataOverflow
        ticks={[...timeTicks(fromMs, untilMs, zone, mostTicks)]}
        tickFormatter={(ms: number) => formatClock(ms, zone)}
        interval={0}
        stroke={chartColor('limit')}
        tick={{ fontSize: 12, fill: 'var(--al-palette-text-secondary)' }}
        tickLine={false}
      />
      <YAxis
        allowDecimals={false}
        domain={[0, ceiling]}
        ticks={[...axis]}
        interval={0}
        width={36}
        axisLine={false}
        tickLine={false}
        tick={{ fontSize: 12, fill: 'var(--al-palette-text-secondary)' }}
      />
      <ReferenceArea x1={nowMs} x2={untilMs} fill={chartColor('required')} fillOpacity={0.035} ifOverflow="hidden" />
      {series.shortfalls.map((shortfall) => (
        <ReferenceArea
          key={shortfall.fromMs}
          x1={shortfall.fromMs}
          x2={shortfall.untilMs}
          y1={Math.min(limit, ceiling)}
          y2={ceiling}
          fill={chartColor('short')}
          fillOpacity={0.25}
          stroke={chartColor('short')}
          strokeOpacity={0.7}
          ifOverflow="hidden"
        />
      ))}
      <Area
        dataKey="band"
        type="stepAfter"
        stroke="none"
        fill={chartColor('required')}
        fillOpacity={0.15}
        activeDot={false}
        isAnimationActive={false}
        hide={hidden.has('band')}
      />
      <Area
        dataKey="busy"
        type="stepAfter"
        stroke="none"
        fill={chartColor('actual')}
        fillOpacity={0.22}
        activeDot={false}
        isAnimationActive={false}
        hide={hidden.has('busy')}
      />
      {line('limit')}
      {line('planned')}
      {line('required')}
      {line('actual')}
      {!hidden.has('late') &&
        series.lateStretches.map(({ fromMs: lateFromMs, untilMs: lateUntilMs }) => (
          <ReferenceArea
            key={lateFromMs}
            x1={lateFromMs}
            x2={lateUntilMs}
            y1={0}
            y2={ceiling / 36}
            fill={chartColor('short')}
            fillOpacity={1}
            stroke={chartColor('short')}
            strokeWidth={3}
            ifOverflow="hidden"
          />
        ))}
      <ReferenceLine
        x={nowMs}
        stroke="var(--al-palette-text-primary)"
        strokeWidth={1}
        label={{ value: 'now', position: 'top', fontSize: 12, fill: 'var(--al-palette-text-primary)' }}
      />
      {markedMs !== null && (
        <ReferenceArea
          x1={Math.max(fromMs, markedMs)}
          x2={Math.min(untilMs, markedMs + stepMs)}
          fill="var(--al-palette-text-primary)"
          fillOpacity={0.14}
          stroke="var(--al-palette-text-primary)"
          strokeOpacity={0.5}
          ifOverflow="hidden"
        />
      )}
      {/* Its cursor shows what is pointed at; the words are in the readout beside the chart. */}
      <Tooltip
        content={() => null}
        isAnimationActive={false}
        cursor={{ stroke: 'var(--al-palette-text-secondary)', strokeDasharray: '2 2' }}
      />
    </ComposedChart>
  );
});
