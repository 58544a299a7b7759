import Box from '@mui/material/Box';
import useMediaQuery from '@mui/material/useMediaQuery';
import { Bar, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';

import type { Counterfactual, CounterfactualSide } from '../api/shapes.ts';
import { ticksUpTo, timeTicks } from '../forecast/axisTicks.ts';
import { chartColor } from '../forecast/seriesLooks.ts';
import { formatClock } from '../time/formatInstant.ts';
import { useZone } from '../time/ZoneContext.tsx';

interface CounterfactualChartProps {
  readonly answer: Counterfactual;
  readonly queue: CounterfactualSide;
}

const LINES = [
  { key: 'recorded', text: 'What happened', color: 'actual', dash: '', width: 2.5 },
  { key: 'plan', text: 'Our plan, simulated', color: 'planned', dash: '6 3', width: 2 },
  { key: 'queue', text: 'On the queue, simulated', color: 'short', dash: '2 3', width: 2.5 },
] as const;

/** The replicas over the day, and below them what started late. */
export function CounterfactualChart({ answer, queue }: CounterfactualChartProps) {
  const zone = useZone();
  const phone = useMediaQuery('(max-width:599.95px)', { noSsr: true });
  const [fromMs, untilMs] = [Date.parse(answer.from), Date.parse(answer.until)];
  const sideOf = (kind: 'recorded' | 'plan') => answer.sides.find((side) => side.kind === kind);
  const [recorded, plan] = [sideOf('recorded'), sideOf('plan')];
  const points = queue.replicas.map((replicas, step) => ({
    t: fromMs + step * answer.stepMs,
    recorded: recorded?.replicas[step] ?? null,
    plan: plan?.replicas[step] ?? null,
    queue: replicas,
    lateRecorded: recorded?.latePerStep[step] ?? 0,
    lateQueue: queue.latePerStep[step] ?? 0,
  }));
  const last = points.at(-1);
  const drawn = last === undefined ? [] : [...points, { ...last, t: untilMs, lateRecorded: 0, lateQueue: 0 }];
  const most = Math.max(1, ...points.flatMap((point) => [point.recorded ?? 0, point.plan ?? 0, point.queue ?? 0]));
  const mostLate = Math.max(1, ...points.flatMap((point) => [point.lateRecorded, point.lateQueue]));
  const axes = (top: number) => [
    <XAxis
      key="x"
      dataKey="t"
      type="number"
      scale="time"
      domain={[fromMs, untilMs]}
      ticks={[...timeTicks(fromMs, untilMs, zone, phone ? 5 : 13)]}
      tickFormatter={(ms: number) => formatClock(ms, zone)}
      interval={0}
      stroke={chartColor('limit')}
      tick={TICK}
      tickLine={false}
    />,
    <YAxis
      key="y"
      allowDecimals={false}
      domain={[0, ticksUpTo(top).at(-1) ?? top]}
      ticks={[...ticksUpTo(top)]}
      interval={0}
      width={44}
      axisLine={false}
      tickLine={false}
      tick={TICK}
    />,
  ];
  return (
    <Box>
      <Legend />
      <Box aria-hidden sx={{ '& .recharts-surface': { outline: 'none' } }}>
        <ComposedChart
          responsive
          style={{ width: '100%', height: phone ? 200 : 280 }}
          data={drawn}
          margin={MARGIN}
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} stroke={chartColor('grid')} />
          {axes(most)}
          {LINES.map(({ key, color, dash, width }) => (
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
        </ComposedChart>
        <Box sx={{ typography: 'caption', color: 'text.secondary', mt: 1 }}>Late starts</Box>
        <ComposedChart
          responsive
          style={{ width: '100%', height: 110 }}
          data={points}
          margin={MARGIN}
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} stroke={chartColor('grid')} />
          {axes(mostLate)}
          <Bar dataKey="lateRecorded" fill={chartColor('actual')} isAnimationActive={false} />
          <Bar dataKey="lateQueue" fill={chartColor('short')} isAnimationActive={false} />
        </ComposedChart>
      </Box>
    </Box>
  );
}

const TICK = { fontSize: 12, fill: 'var(--al-palette-text-secondary)' } as const;
const MARGIN = { top: 10, right: 14, bottom: 4, left: 0 } as const;

function Legend() {
  return (
    <Box
      component="ul"
      sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, listStyle: 'none', m: 0, p: 0, mb: 1, typography: 'caption' }}
    >
      {LINES.map(({ key, text, color, dash, width }) => (
        <Box component="li" key={key} sx={{ display: 'flex', alignItems: 'center', gap: 0.75 }}>
          <svg width="26" height="8" aria-hidden>
            <line x1="0" y1="4" x2="26" y2="4" stroke={chartColor(color)} strokeWidth={width} strokeDasharray={dash} />
          </svg>
          {text}
        </Box>
      ))}
    </Box>
  );
}
