import Box from '@mui/material/Box';

import type { ExclusionRule } from '../api/shapes.ts';
import { type YearDay, yearOfRules } from '../exclusions/yearOfRules.ts';
import { MONTHS } from '../time/formatInstant.ts';

interface YearViewProps {
  readonly rules: readonly ExclusionRule[];
  readonly zone: string;
  readonly year: number;
  readonly today: string;
}

/** A year at a glance: filled days are left out, outlined ones in part. The list beside it says the same in words. */
export function YearView({ rules, zone, year, today }: YearViewProps) {
  const months = yearOfRules(rules, zone, year);
  const days = months.flat();
  const count = (extent: YearDay['extent']) => days.filter((day) => day.extent === extent).length;
  return (
    <Box>
      <Box
        role="img"
        aria-label={`${year}: ${count('whole')} whole days and parts of ${count('part')} days are left out`}
        sx={{
          display: 'grid',
          gap: 2,
          gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', sm: 'repeat(3, minmax(0, 1fr))' },
        }}
      >
        {months.map((month, place) => (
          <Month key={MONTHS[place] ?? place} name={MONTHS[place] ?? ''} days={month} today={today} />
        ))}
      </Box>
      <Box
        aria-hidden
        sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, mt: 1.5, color: 'text.secondary', fontSize: '0.7812rem' }}
      >
        <Key extent="whole" text="does not run" />
        <Key extent="part" text="does not run in part of the day" />
      </Box>
    </Box>
  );
}

interface MonthProps {
  readonly name: string;
  readonly days: readonly YearDay[];
  readonly today: string;
}

function Month({ name, days, today }: MonthProps) {
  const first = days[0]?.date ?? '1970-01-01';
  // Weeks begin on Monday.
  const lead = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  return (
    <Box sx={{ minWidth: 0 }}>
      <Box sx={{ typography: 'h3', fontSize: '0.7812rem', mb: 0.5 }}>{name}</Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(7, minmax(0, 1fr))', gap: '2px' }}>
        {days.map((day, place) => (
          <Box
            key={day.date}
            title={day.text}
            sx={{
              ...(place === 0 ? { gridColumnStart: lead + 1 } : {}),
              ...dayStyle,
              ...LOOKS[day.extent],
              ...(day.date === today ? { outline: '2px solid', outlineColor: 'secondary.main' } : {}),
            }}
          >
            {Number(day.date.slice(8))}
          </Box>
        ))}
      </Box>
    </Box>
  );
}

function Key({ extent, text }: { readonly extent: 'whole' | 'part'; readonly text: string }) {
  return (
    <Box component="span" sx={{ display: 'inline-flex', gap: 0.75, alignItems: 'center' }}>
      <Box component="span" sx={{ ...dayStyle, ...LOOKS[extent], width: 16, height: 16 }} />
      {text}
    </Box>
  );
}

const dayStyle = {
  display: 'grid',
  placeItems: 'center',
  fontSize: '0.6875rem',
  lineHeight: 1,
  aspectRatio: '1',
  borderRadius: '4px',
  border: '1px solid transparent',
  cursor: 'default',
} as const;

const LOOKS: Readonly<Record<YearDay['extent'], object>> = {
  whole: { bgcolor: 'primary.main', color: 'primary.contrastText', fontWeight: 700 },
  part: { borderColor: 'primary.main', color: 'text.primary' },
  free: { color: 'text.secondary' },
};
