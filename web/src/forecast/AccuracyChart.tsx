import { memo } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';

import type { ForecastAccuracy } from '../api/shapes.ts';
import { formatClock, formatShort } from '../time/formatInstant.ts';
import { ticksUpTo, timeTicks } from './axisTicks.ts';
import { chartColor } from './seriesLooks.ts';

interface AccuracyChartProps {
  readonly accuracy: ForecastAccuracy;
  readonly zone: string;
  readonly height: number;
  readonly mostTicks: number;
}

/** What was said five minutes before, as a line, over what was needed then, as an area. */
export const AccuracyChart = memo(function AccuracyChart({ accuracy, zone, height, mostTicks }: AccuracyChartProps) {
  const [fromMs, untilMs] = [Date.parse(accuracy.from), Date.parse(accuracy.until)];
  const points = accuracy.steps.map((step) => ({
    t: Date.parse(step.at),
    said: step.requiredInstances,
    happened: step.happenedInstances,
  }));
  const last = points.at(-1);
  const axis = ticksUpTo(Math.max(2, ...points.map(({ said, happened }) => Math.max(said ?? 0, happened))));
  const isLong = untilMs - fromMs > 25 * 3_600_000;
  const tick = { fontSize: 12, fill: 'var(--al-palette-text-secondary)' };
  return (
    <ComposedChart
      responsive
      style={{ width: '100%', height }}
      data={last === undefined ? [] : [...points, { ...last, t: untilMs }]}
      margin={{ top: 8, right: 14, bottom: 4, left: 0 }}
      accessibilityLayer={false}
    >
      <CartesianGrid vertical={false} stroke={chartColor('grid')} />
      <XAxis
        dataKey="t"
        type="number"
        scale="time"
        domain={[fromMs, untilMs]}
        ticks={[...timeTicks(fromMs, untilMs, zone, isLong ? Math.ceil(mostTicks / 2) : mostTicks)]}
        tickFormatter={(ms: number) => (isLong ? formatShort(ms, zone, 0) : formatClock(ms, zone))}
        interval={0}
        stroke={chartColor('limit')}
        tick={tick}
        tickLine={false}
      />
      <YAxis
        allowDecimals={false}
        domain={[0, axis.at(-1) ?? 2]}
        ticks={[...axis]}
        interval={0}
        width={36}
        axisLine={false}
        tickLine={false}
        tick={tick}
      />
      <Area
        dataKey="happened"
        type="stepAfter"
        stroke="none"
        fill={chartColor('actual')}
        fillOpacity={0.35}
        activeDot={false}
        isAnimationActive={false}
      />
      <Line
        dataKey="said"
        type="stepAfter"
        stroke={chartColor('required')}
        strokeWidth={1.5}
        dot={false}
        activeDot={false}
        isAnimationActive={false}
      />
    </ComposedChart>
  );
});
