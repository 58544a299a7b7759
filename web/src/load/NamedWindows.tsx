import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';

import type { LoadCalendar, LoadWindow } from '../api/shapes.ts';
import { formatClock, formatDay } from '../time/formatInstant.ts';

/** The hours with most room, and those with least. */
export function NamedWindows({ calendar }: { readonly calendar: LoadCalendar }) {
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' } }}>
      <WindowList
        title="Quietest hours"
        windows={calendar.quietest}
        zone={calendar.timeZone}
        none="The week is over."
      />
      <WindowList title="Busiest hours" windows={calendar.busiest} zone={calendar.timeZone} none="Nothing is to do." />
    </Box>
  );
}

interface WindowListProps {
  readonly title: string;
  readonly windows: readonly LoadWindow[];
  readonly zone: string;
  readonly none: string;
}

function WindowList({ title, windows, zone, none }: WindowListProps) {
  return (
    <Box>
      <Typography variant="h3" sx={{ mb: 0.75 }}>
        {title}
      </Typography>
      {windows.length === 0 && (
        <Typography variant="body2" sx={{ color: 'text.secondary' }}>
          {none}
        </Typography>
      )}
      <Box component="ol" sx={{ m: 0, pl: 2.5, display: 'grid', gap: 0.5, fontSize: '0.8438rem' }}>
        {windows.map((window) => (
          <li key={window.from}>
            {windowText(window, zone)}
            <Box component="span" sx={{ color: 'text.secondary' }}>
              {' \u00b7 '}
              {window.requiredInstances} at most, {window.meanInstances.toFixed(1)} on average
            </Box>
          </li>
        ))}
      </Box>
    </Box>
  );
}

function windowText({ from, until }: LoadWindow, zone: string): string {
  const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
  return `${formatDay(fromMs, zone)}, ${formatClock(fromMs, zone)}\u2013${formatClock(untilMs, zone)}`;
}
