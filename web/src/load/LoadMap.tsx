import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import useMediaQuery from '@mui/material/useMediaQuery';
import { useCallback, useMemo, useState } from 'react';

import type { LoadCalendar } from '../api/shapes.ts';
import { CELL_STYLE, HeatGrid } from './HeatGrid.tsx';
import { HeatLegend } from './HeatLegend.tsx';
import { type CellPlace, cellSentence, dayRows, type HeatRow, topOf, weekRows } from './heatRows.ts';
import { heatScale } from './heatScale.ts';

interface LoadMapProps {
  readonly calendar: LoadCalendar;
  /** A date of the week: that day by minute; null: the whole week. */
  readonly day: string | null;
  readonly onDay: (date: string | null) => void;
}

/** The week or one day of it as a heat map, with what is pointed at in words. */
export function LoadMap({ calendar, day, onDay }: LoadMapProps) {
  const phone = useMediaQuery('(max-width:599.95px)', { noSsr: true });
  const wide = useMediaQuery('(min-width:1200px)', { noSsr: true });
  const shown = calendar.days.find(({ date }) => date === day);
  const cellMinutes = shown !== undefined ? (phone ? 2 : 1) : phone ? 60 : wide ? 15 : 30;
  const rows = useMemo(
    () => (shown === undefined ? weekRows(calendar, cellMinutes) : dayRows(shown, calendar.timeZone, cellMinutes)),
    [calendar, shown, cellMinutes],
  );
  const names = useMemo(() => weekRows(calendar, 1_440), [calendar]);
  const dayText = names.find(({ key }) => key === day)?.text ?? '';
  const top = Math.max(calendar.peak?.requiredInstances ?? 0, topOf(rows));
  const scale = useMemo(() => heatScale(top), [top]);
  const [place, setPlace] = useState<CellPlace | null>(null);
  const nameOf = useCallback((row: HeatRow) => (shown === undefined ? row.text : dayText), [shown, dayText]);
  const onOpen = useCallback((row: number) => onDay(calendar.days[row]?.date ?? null), [calendar, onDay]);
  const ticks = useMemo(() => ticksOf(cellMinutes, shown !== undefined, phone), [cellMinutes, shown, phone]);

  const row = place === null ? undefined : rows[place.row];
  const cell = place === null ? undefined : row?.cells[place.column];
  const readout =
    row === undefined || cell === undefined
      ? shown === undefined
        ? 'Point at a cell, or walk with the arrow keys; Enter shows the day by minute.'
        : 'Point at a minute, or walk with the arrow keys.'
      : cellSentence(nameOf(row), cell, cellMinutes);
  const what = shown === undefined ? 'Instances needed over the week' : `Instances needed on ${dayText}, by minute`;
  return (
    <Box sx={{ display: 'grid', gap: 1.5, ...CELL_STYLE }}>
      {shown !== undefined && (
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5 }}>
          <Button size="small" variant="outlined" onClick={() => onDay(null)}>
            Back to the week
          </Button>
          <Typography variant="h3" component="p">
            {dayText}
          </Typography>
        </Box>
      )}
      <HeatGrid
        key={day ?? 'week'}
        label={what}
        rows={rows}
        cellMinutes={cellMinutes}
        scale={scale}
        limit={calendar.limit}
        ticks={ticks}
        nameOf={nameOf}
        compact={phone || shown !== undefined}
        rowHeight={shown === undefined ? (phone ? 30 : 36) : phone ? 16 : 18}
        onLook={setPlace}
        onOpen={shown === undefined ? onOpen : undefined}
      />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: 1.5, alignItems: 'center' }}>
        <Typography variant="body2" sx={{ fontWeight: cell === undefined ? 400 : 650, minHeight: '1.45em' }}>
          {readout}
        </Typography>
        <HeatLegend scale={scale} over={top > calendar.limit} />
      </Box>
    </Box>
  );
}

/** Hours over the week; minutes over the hours of a day. */
function ticksOf(cellMinutes: number, isDay: boolean, phone: boolean): ReadonlyMap<number, string> {
  const every = isDay ? (phone ? 20 : 10) : phone ? 360 : 180;
  const span = isDay ? 60 : 1_440;
  return new Map(
    Array.from({ length: span / every }, (_, index) => {
      const minute = index * every;
      const text = isDay ? `:${String(minute).padStart(2, '0')}` : `${String(minute / 60).padStart(2, '0')}:00`;
      return [minute / cellMinutes, text] as const;
    }),
  );
}
