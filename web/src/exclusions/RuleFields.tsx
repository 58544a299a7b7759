import Box from '@mui/material/Box';
import FormHelperText from '@mui/material/FormHelperText';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';

import { rowOfKind, type RowProblem, type RuleRow, type Weekday } from './ruleRows.ts';
import { WEEK, WEEKDAY_NAMES } from './ruleText.ts';

interface RuleFieldsProps {
  readonly row: RuleRow;
  /** YYYY-MM-DD, for a kind that needs a date and has none yet. */
  readonly today: string;
  readonly problems: readonly RowProblem[];
  readonly onChange: (row: RuleRow) => void;
}

/** The fields of one exclusion: a day, a stretch of time, or a window of every week. */
export function RuleFields({ row, today, problems, onChange }: RuleFieldsProps) {
  const set = (changes: Partial<RuleRow>) => onChange({ ...row, ...changes });
  const problemAt = (field: RowProblem['field']) => problems.find((problem) => problem.field === field)?.message;
  const timeField = (field: 'date' | 'from' | 'until', label: string, type: string) => (
    <TextField
      type={type}
      label={label}
      // 24:00 is how a window says midnight; the browser's field knows it as 00:00.
      value={row[field] === '24:00' ? '00:00' : row[field]}
      onChange={(event) => set({ [field]: event.target.value })}
      error={problemAt(field) !== undefined}
      helperText={problemAt(field)}
      slotProps={{ inputLabel: { shrink: true } }}
    />
  );
  return (
    <Box sx={{ display: 'grid', gap: 1.5, minWidth: 0 }}>
      <Box sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr 1fr' } }}>
        <TextField
          select
          label="Not on"
          value={row.kind}
          onChange={(event) => onChange(rowOfKind(event.target.value as RuleRow['kind'], today, row))}
        >
          <MenuItem value="date">One day</MenuItem>
          <MenuItem value="range">A stretch of time</MenuItem>
          <MenuItem value="weekly">Every week</MenuItem>
        </TextField>
        {row.kind === 'date' ? (
          timeField('date', 'Day', 'date')
        ) : (
          <>
            {timeField('from', 'From', row.kind === 'range' ? 'datetime-local' : 'time')}
            {timeField('until', 'Until', row.kind === 'range' ? 'datetime-local' : 'time')}
          </>
        )}
        {row.kind === 'date' && <LabelField row={row} onChange={set} />}
      </Box>
      {row.kind === 'weekly' && (
        <Weekdays
          value={row.weekdays}
          problem={problemAt('weekdays')}
          nextDay={row.until !== '' && row.until <= row.from && row.until !== '00:00'}
          onChange={(weekdays) => set({ weekdays })}
        />
      )}
      {row.kind !== 'date' && <LabelField row={row} onChange={set} />}
    </Box>
  );
}

function LabelField({ row, onChange }: { readonly row: RuleRow; onChange: (changes: Partial<RuleRow>) => void }) {
  return (
    <TextField
      label="What it is"
      value={row.label}
      placeholder={row.kind === 'weekly' ? 'Backup window' : 'Christmas'}
      onChange={(event) => onChange({ label: event.target.value })}
      slotProps={{ inputLabel: { shrink: true }, htmlInput: { maxLength: 200 } }}
    />
  );
}

interface WeekdaysProps {
  readonly value: readonly Weekday[];
  readonly problem: string | undefined;
  readonly nextDay: boolean;
  readonly onChange: (weekdays: Weekday[]) => void;
}

function Weekdays({ value, problem, nextDay, onChange }: WeekdaysProps) {
  return (
    <Box>
      <ToggleButtonGroup
        aria-label="Days on which it begins"
        size="small"
        color="primary"
        value={value}
        onChange={(_event, days: Weekday[]) => onChange(days)}
        sx={{ display: 'grid', gridTemplateColumns: 'repeat(7, minmax(0, 1fr))', maxWidth: 440 }}
      >
        {WEEK.map((day) => (
          <ToggleButton key={day} value={day} sx={{ px: 0, fontSize: { xs: '0.7812rem', sm: '0.8438rem' } }}>
            {WEEKDAY_NAMES[day]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <FormHelperText error={problem !== undefined}>
        {problem ?? (nextDay ? 'The window begins on these days and ends on the day after.' : 'Days of the window.')}
      </FormHelperText>
    </Box>
  );
}
