import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';

import { chartColor, SERIES_LOOKS, type SeriesName } from './seriesLooks.ts';

interface ForecastLegendProps {
  /** The lines that there are numbers for. */
  readonly names: readonly SeriesName[];
  readonly hidden: ReadonlySet<SeriesName>;
  readonly onToggle: (name: SeriesName) => void;
}

/** The lines by name, each with a sample as it is drawn; pressing one takes it off the chart or back. */
export function ForecastLegend({ names, hidden, onToggle }: ForecastLegendProps) {
  return (
    <Box role="group" aria-label="Lines of the chart" sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.5 }}>
      {names.map((name) => {
        const look = SERIES_LOOKS[name];
        const shown = !hidden.has(name);
        return (
          <ToggleButton
            key={name}
            value={name}
            size="small"
            selected={shown}
            onChange={() => onToggle(name)}
            sx={{ gap: 1, border: 0, px: 1, textDecoration: shown ? 'none' : 'line-through' }}
          >
            <svg width="26" height="12" aria-hidden>
              <line
                x1="1"
                x2="25"
                y1="6"
                y2="6"
                stroke={chartColor(look.color)}
                strokeWidth={look.width}
                strokeDasharray={look.dash}
                opacity={look.opacity}
              />
            </svg>
            {look.text}
          </ToggleButton>
        );
      })}
    </Box>
  );
}
