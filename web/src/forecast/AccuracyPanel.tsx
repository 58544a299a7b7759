import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import useMediaQuery from '@mui/material/useMediaQuery';

import type { ForecastAccuracy } from '../api/shapes.ts';
import { useAccuracy } from '../api/system.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { useZone } from '../time/ZoneContext.tsx';
import { AccuracyChart } from './AccuracyChart.tsx';
import { ErrorParts, HorizonTable, StartTable } from './AccuracyFigures.tsx';
import { accuracySentence, BACK_HOURS } from './accuracyWords.ts';
import { chartColor } from './seriesLooks.ts';

interface AccuracyPanelProps {
  readonly hours: number;
  readonly onHours: (hours: number) => void;
}

/** How good the forecast was: what it said against what happened, and where the difference came from. */
export function AccuracyPanel({ hours, onHours }: AccuracyPanelProps) {
  const accuracy = useAccuracy(hours);
  return (
    <Panel
      title="Accuracy"
      note="What the forecast said, against what happened."
      action={
        <ToggleButtonGroup
          exclusive
          size="small"
          aria-label="How far back"
          value={hours}
          onChange={(_event, chosen: number | null) => {
            if (chosen !== null) onHours(chosen);
          }}
        >
          {BACK_HOURS.map((one) => (
            <ToggleButton key={one} value={one}>
              {one < 48 ? `${one} h` : `${one / 24} d`}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      }
    >
      <QueryView query={accuracy} what="the accuracy" skeletonHeight={260}>
        {(data) => <AccuracyView accuracy={data} />}
      </QueryView>
    </Panel>
  );
}

function AccuracyView({ accuracy }: { readonly accuracy: ForecastAccuracy }) {
  const zone = useZone();
  const phone = useMediaQuery('(max-width:599.95px)', { noSsr: true });
  const { error, starts, horizons } = accuracy;
  if (starts.starts === 0 && horizons.every(({ minutes }) => minutes === 0)) {
    return (
      <EmptyState title="Nothing to judge yet">
        The autoscaler writes down what it expects five minutes, an hour and three hours ahead. When those minutes are
        over, it is held against what ran.
      </EmptyState>
    );
  }
  return (
    <Box sx={{ display: 'grid', gap: 2.5 }}>
      <Typography variant="body1">{accuracySentence(accuracy)}</Typography>
      <Box sx={{ minWidth: 0 }}>
        <Box aria-hidden sx={{ '& .recharts-surface': { outline: 'none' } }}>
          <AccuracyChart accuracy={accuracy} zone={zone} height={phone ? 150 : 190} mostTicks={phone ? 5 : 12} />
        </Box>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 2.5, fontSize: '0.8125rem' }}>
          <Sample text="Forecast 5 minutes before" width={1.75} color="required" />
          <Sample text="Needed by what ran" width={8} color="actual" opacity={0.45} />
        </Box>
      </Box>
      <Box
        sx={{
          display: 'grid',
          gap: 3,
          alignItems: 'start',
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' },
        }}
      >
        <Box sx={{ display: 'grid', gap: 3, minWidth: 0 }}>
          <HorizonTable horizons={horizons} />
          {starts.starts > 0 && <StartTable starts={starts} />}
        </Box>
        {error !== null && <ErrorParts error={error} />}
      </Box>
    </Box>
  );
}

interface SampleProps {
  readonly text: string;
  readonly color: 'required' | 'actual';
  readonly width: number;
  readonly opacity?: number;
}

function Sample({ text, color, width, opacity = 1 }: SampleProps) {
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1, color: 'text.secondary' }}>
      <svg width="26" height="12" aria-hidden>
        <line x1="1" x2="25" y1="6" y2="6" stroke={chartColor(color)} strokeWidth={width} opacity={opacity} />
      </svg>
      {text}
    </Box>
  );
}
