import { Bar, BarChart, LabelList, XAxis, YAxis } from 'recharts';

import { chartColor } from '../forecast/seriesLooks.ts';
import { formatDuration } from '../time/formatInstant.ts';
import type { RankedType } from './typeRanking.ts';

interface TaskTypeChartProps {
  readonly types: readonly RankedType[];
  readonly measureOf: (type: RankedType) => number;
  readonly format: (value: number) => string;
}

const ROW_PX = 34;

/** The ranking as bars; the table beside it has the same numbers in words. */
export function TaskTypeChart({ types, measureOf, format }: TaskTypeChartProps) {
  const data = types.map((type) => ({ name: type.taskType, value: measureOf(type) }));
  return (
    <BarChart
      responsive
      layout="vertical"
      style={{ width: '100%', height: 24 + ROW_PX * Math.max(1, data.length) }}
      data={data}
      margin={{ top: 0, right: 72, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <XAxis type="number" hide domain={[0, 'dataMax']} />
      <YAxis
        type="category"
        dataKey="name"
        width={158}
        axisLine={false}
        tickLine={false}
        interval={0}
        tick={{ fontSize: 12, fill: 'var(--al-palette-text-primary)' }}
      />
      <Bar dataKey="value" fill={chartColor('required')} radius={[0, 4, 4, 0]} barSize={16} isAnimationActive={false}>
        <LabelList
          dataKey="value"
          position="right"
          formatter={(value) => (typeof value === 'number' ? format(value) : formatDuration(0))}
          style={{ fontSize: 12, fill: 'var(--al-palette-text-secondary)' }}
        />
      </Bar>
    </BarChart>
  );
}
