import AddIcon from '@mui/icons-material/Add';
import RemoveIcon from '@mui/icons-material/Remove';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';

import { MONO } from '../theme.ts';
import { CRON_PRESETS, cronWithTime, timeOfCron } from './cronText.ts';
import { ExceptionFields } from './ExceptionFields.tsx';
import { FormField } from './FormField.tsx';
import { FieldRow } from './FormSection.tsx';
import { NextRunsPreview } from './NextRunsPreview.tsx';
import type { TaskFormValues } from './taskFormValues.ts';
import { ZoneField } from './ZoneField.tsx';

export function RecurringFields() {
  const repeat = useWatch<TaskFormValues, 'repeat'>({ name: 'repeat' });
  return (
    <>
      <FieldRow>
        <FormField name="repeat" label="Repeats" select>
          <MenuItem value="cron">By the calendar (cron)</MenuItem>
          <MenuItem value="interval">At a fixed interval</MenuItem>
        </FormField>
        {repeat === 'interval' ? (
          <FormField name="every" label="Every" required help="Elapsed time, such as 30 s, 15 min or 2 h." />
        ) : (
          <ZoneField />
        )}
      </FieldRow>
      {repeat === 'cron' ? (
        <CronFields />
      ) : (
        <Box sx={{ maxWidth: { sm: '50%' } }}>
          <ZoneField help="Of the times below; the interval itself is elapsed time." />
        </Box>
      )}
      <FieldRow columns={3}>
        <FormField
          name="startsAt"
          type="datetime-local"
          label="Not before"
          help="Optional."
          slotProps={{ inputLabel: { shrink: true } }}
        />
        <FormField
          name="endsAt"
          type="datetime-local"
          label="Not after"
          help="Optional."
          slotProps={{ inputLabel: { shrink: true } }}
        />
        <FormField
          name="maxRuns"
          label="Times at most"
          help="Optional. In its whole life."
          slotProps={{ htmlInput: { inputMode: 'numeric' } }}
        />
      </FieldRow>
      <ExceptionFields />
      <NextRunsPreview />
    </>
  );
}

function CronFields() {
  const { control } = useFormContext<TaskFormValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'expressions' });
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      {fields.map((field, place) => (
        <CronField key={field.id} place={place} onRemove={fields.length > 1 ? () => remove(place) : null} />
      ))}
      {fields.length < 20 && (
        <Box>
          <Button size="small" startIcon={<AddIcon />} onClick={() => append({ text: '' })}>
            Another expression
          </Button>
        </Box>
      )}
    </Box>
  );
}

function CronField({ place, onRemove }: { readonly place: number; readonly onRemove: (() => void) | null }) {
  const form = useFormContext<TaskFormValues>();
  const name = `expressions.${place}.text` as const;
  const text = useWatch({ control: form.control, name });
  const time = timeOfCron(text);
  const set = (expression: string) => form.setValue(name, expression, { shouldDirty: true, shouldValidate: true });
  return (
    <Box sx={{ display: 'grid', gap: 1.75 }}>
      <Box role="group" aria-label="Start from" sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75 }}>
        {CRON_PRESETS.map((preset) => (
          <Chip
            key={preset.text}
            label={preset.text}
            variant={preset.expression === text.trim() ? 'filled' : 'outlined'}
            onClick={() =>
              set(
                time === undefined
                  ? preset.expression
                  : cronWithTime(preset.expression, keptTime(preset.expression, time)),
              )
            }
          />
        ))}
      </Box>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start', flexWrap: { xs: 'wrap', sm: 'nowrap' } }}>
        <FormField
          name={name}
          label="Cron expression"
          required
          help="Minute, hour, day of month, month, day of week."
          sx={{ flex: '1 1 240px' }}
          slotProps={{ htmlInput: { spellCheck: false, autoCapitalize: 'off', style: { fontFamily: MONO } } }}
        />
        <TextField
          type="time"
          label="At"
          value={time ?? ''}
          disabled={time === undefined}
          onChange={(event) => set(cronWithTime(text, event.target.value))}
          sx={{ width: 150, flex: 'none' }}
          helperText={time === undefined ? 'Not one time of day' : ' '}
          slotProps={{ inputLabel: { shrink: true } }}
        />
        {onRemove !== null && (
          <IconButton aria-label="Remove this expression" onClick={onRemove}>
            <RemoveIcon />
          </IconButton>
        )}
      </Box>
    </Box>
  );
}

/** A preset keeps the time of day that was set before, unless it has none of its own. */
function keptTime(expression: string, time: string): string {
  return timeOfCron(expression) === undefined ? '' : time;
}
