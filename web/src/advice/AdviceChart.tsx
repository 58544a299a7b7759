import Box from '@mui/material/Box';
import { memo } from 'react';
import { CartesianGrid, ComposedChart, Line, Tooltip, XAxis, YAxis } from 'recharts';

import type { Advice } from '../api/shapes.ts';
import { ticksUpTo, timeTicks } from '../forecast/axisTicks.ts';
import { chartColor } from '../forecast/seriesLooks.ts';
import { formatClock } from '../time/formatInstant.ts';
import { useZone } from '../time/ZoneContext.tsx';

const LINES = [
  { key: 'before', text: 'As it is', color: 'limit', width: 2, dash: '' },
  { key: 'after', text: 'With all moves', color: 'planned', width: 2.5, dash: '' },
  { key: 'withSuggestions', text: 'With the suggestions, too', color: 'required', width: 2, dash: '5 3' },
] as const;

/** Required instances over time, as they are and as they would be. The numbers are in the text beside it. */
export const AdviceChart = memo(function AdviceChart({ advice }: { readonly advice: Advice }) {
  const zone = useZone();
  const lines = LINES.filter(
    ({ key }) => key === 'before' || (key === 'after' ? advice.moves.length > 0 : advice.suggestions.length > 0),
  );
  const points = advice.steps.map(({ at, ...values }) => ({ t: Date.parse(at), ...values }));
  const fromMs = points[0]?.t ?? 0;
  const untilMs = Date.parse(advice.until);
  const last = points.at(-1);
  const drawn = last === undefined ? points : [...points, { ...last, t: untilMs }]; // a step holds to its end
  const ticks = ticksUpTo(Math.max(1, advice.before.peak));
  return (
    <Box>
      <Box
        role="img"
        aria-label={`Required instances: at most ${advice.before.peak} as it is, ${advice.after.peak} with all moves.`}
      >
        <ComposedChart
          responsive
          style={{ width: '100%', height: 240 }}
          data={drawn}
          margin={{ top: 12, right: 14, bottom: 4, left: 0 }}
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} stroke={chartColor('grid')} />
          <XAxis
            dataKey="t"
            type="number"
            scale="time"
            domain={[fromMs, untilMs]}
            ticks={[...timeTicks(fromMs, untilMs, zone, 6)]}
            tickFormatter={(ms: number) => formatClock(ms, zone)}
            interval={0}
            stroke={chartColor('limit')}
            tick={{ fontSize: 12, fill: 'var(--al-palette-text-secondary)' }}
            tickLine={false}
          />
          <YAxis
            allowDecimals={false}
            domain={[0, ticks.at(-1) ?? 1]}
            ticks={[...ticks]}
            interval={0}
            width={36}
            axisLine={false}
            tickLine={false}
            tick={{ fontSize: 12, fill: 'var(--al-palette-text-secondary)' }}
          />
          {lines.map(({ key, color, width, dash }) => (
            <Line
              key={key}
              dataKey={key}
              type="stepAfter"
              stroke={chartColor(color)}
              strokeWidth={width}
              strokeDasharray={dash}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
            />
          ))}
          <Tooltip content={ChartReadout} isAnimationActive={false} />
        </ComposedChart>
      </Box>
      <Box component="ul" sx={{ listStyle: 'none', m: 0, mt: 1, p: 0, display: 'flex', flexWrap: 'wrap', gap: 2 }}>
        {lines.map(({ key, text, color, width, dash }) => (
          <Box
            component="li"
            key={key}
            sx={{ display: 'flex', alignItems: 'center', gap: 0.75, typography: 'caption' }}
          >
            <svg width="24" height="8" aria-hidden>
              <line
                x1="0"
                y1="4"
                x2="24"
                y2="4"
                stroke={chartColor(color)}
                strokeWidth={width}
                strokeDasharray={dash}
              />
            </svg>
            {text}
          </Box>
        ))}
      </Box>
    </Box>
  );
});

interface ReadoutProps {
  readonly active?: boolean;
  readonly label?: unknown;
  readonly payload?: readonly { readonly dataKey?: unknown; readonly value?: unknown }[];
}

function ChartReadout({ active, label, payload = [] }: ReadoutProps) {
  const zone = useZone();
  if (active !== true) return null;
  return (
    <Box sx={{ bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: 1, px: 1.25, py: 0.75 }}>
      <Box sx={{ typography: 'caption', color: 'text.secondary' }}>{formatClock(Number(label), zone)}</Box>
      {LINES.flatMap(({ key, text }) => {
        const entry = payload.find(({ dataKey }) => dataKey === key);
        return entry === undefined ? [] : [{ key, text, value: Number(entry.value) }];
      }).map(({ key, text, value }) => (
        <Box key={key} sx={{ typography: 'caption' }}>
          {text}: {value}
        </Box>
      ))}
    </Box>
  );
}
