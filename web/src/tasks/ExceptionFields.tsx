import AddIcon from '@mui/icons-material/Add';
import RemoveIcon from '@mui/icons-material/Remove';
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import { useController, useFormContext, useWatch } from 'react-hook-form';

import { useCalendars } from '../api/calendars.ts';
import { RuleFields } from '../exclusions/RuleFields.tsx';
import { rowOfKind, type RowProblem, type RuleRow } from '../exclusions/ruleRows.ts';
import { serverNowMs } from '../time/serverClock.ts';
import { instantToWallTime } from '../time/wallTime.ts';
import { isKnownZone } from '../time/zonedParts.ts';
import { FoldedFields } from './FoldedFields.tsx';
import type { TaskFormValues } from './taskFormValues.ts';

const MOST_BLACKOUTS = 100;

/** The times at which a schedule that recurs does not run: shared calendars, and windows of its own. */
export function ExceptionFields() {
  const { control, formState } = useFormContext<TaskFormValues>();
  const [calendars, blackouts] = useWatch({ control, name: ['calendars', 'blackouts'] });
  const { errors } = formState;
  const parts = [
    ...(calendars.length === 0 ? [] : [calendars.join(', ')]),
    ...(blackouts.length === 0 ? [] : [`${blackouts.length} ${blackouts.length === 1 ? 'window' : 'windows'}`]),
  ];
  return (
    <FoldedFields
      title="Except at"
      summary={parts.length === 0 ? 'no holidays, no blackout windows' : parts.join('; ')}
      mustOpen={errors.calendars !== undefined || errors.blackouts !== undefined}
    >
      <CalendarsField />
      <BlackoutRows />
    </FoldedFields>
  );
}

function CalendarsField() {
  const { field, fieldState } = useController<TaskFormValues, 'calendars'>({ name: 'calendars' });
  const calendars = useCalendars();
  const titles = new Map(calendars.data?.items.map(({ name, title }) => [name, title]));
  const message = fieldState.error?.message;
  return (
    <Autocomplete
      multiple
      options={[...titles.keys()]}
      value={field.value}
      loading={calendars.isPending}
      noOptionsText="There is no calendar yet. The page Calendars makes one."
      onChange={(_event, names) => field.onChange(names)}
      onBlur={field.onBlur}
      renderOption={({ key, ...props }, name) => (
        <Box component="li" key={key} {...props} sx={{ display: 'flex', gap: 1 }}>
          <span>{titles.get(name)}</span>
          <Box component="span" sx={{ color: 'text.secondary', ml: 'auto' }}>
            {name}
          </Box>
        </Box>
      )}
      renderInput={(params) => (
        <TextField
          {...params}
          label="Calendars"
          inputRef={field.ref}
          error={message !== undefined || calendars.isError}
          helperText={
            message ??
            (calendars.isError
              ? `The calendars could not be loaded: ${calendars.error.message}`
              : 'It does not run at the times of these calendars, each in its own time zone.')
          }
        />
      )}
    />
  );
}

function BlackoutRows() {
  const { control, formState } = useFormContext<TaskFormValues>();
  const { field } = useController<TaskFormValues, 'blackouts'>({ name: 'blackouts' });
  const timeZone = useWatch({ control, name: 'timeZone' });
  const today = instantToWallTime(serverNowMs(), isKnownZone(timeZone) ? timeZone : 'UTC').slice(0, 10);
  const rows = field.value;
  const problems = problemsByRow(formState.errors.blackouts);
  const replace = (place: number, row: RuleRow) =>
    field.onChange(rows.map((one, index) => (index === place ? row : one)));
  return (
    <Box role="group" aria-label="Blackout windows" sx={{ display: 'grid', gap: 1.5 }}>
      {rows.map((row, place) => (
        <Box
          key={place}
          role="group"
          aria-label={`Window ${place + 1}`}
          sx={{ display: 'flex', gap: 1, alignItems: 'flex-start', pt: 1 }}
        >
          <Box sx={{ flex: 1, minWidth: 0 }}>
            <RuleFields
              row={row}
              today={today}
              problems={problems(place)}
              onChange={(changed) => replace(place, changed)}
            />
          </Box>
          <IconButton
            aria-label={`Remove window ${place + 1}`}
            onClick={() => field.onChange(rows.filter((_row, index) => index !== place))}
          >
            <RemoveIcon />
          </IconButton>
        </Box>
      ))}
      <Box>
        <Button
          size="small"
          startIcon={<AddIcon />}
          disabled={rows.length >= MOST_BLACKOUTS}
          onClick={() => field.onChange([...rows, rowOfKind('weekly', today)])}
        >
          Add a blackout window
        </Button>
      </Box>
    </Box>
  );
}

/** The form's errors have the shape of its values, with a message at each field that has one. */
function problemsByRow(errors: unknown): (place: number) => RowProblem[] {
  const rows = Array.isArray(errors)
    ? (errors as (Partial<Record<RowProblem['field'], { message?: string }>> | undefined)[])
    : [];
  return (place) =>
    (['date', 'from', 'until', 'weekdays', 'label'] as const).flatMap((field) => {
      const message = rows[place]?.[field]?.message;
      return message === undefined ? [] : [{ field, message }];
    });
}
