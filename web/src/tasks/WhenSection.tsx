import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import { Controller, useFormContext, useWatch } from 'react-hook-form';

import { formatDateTime, formatOffset } from '../time/formatInstant.ts';
import { wallTimeToInstant } from '../time/wallTime.ts';
import { isKnownZone } from '../time/zonedParts.ts';
import { FormField } from './FormField.tsx';
import { FieldRow, FormSection } from './FormSection.tsx';
import { RecurringFields } from './RecurringFields.tsx';
import type { TaskFormValues } from './taskFormValues.ts';
import { ZoneField } from './ZoneField.tsx';

export function WhenSection() {
  const { control } = useFormContext<TaskFormValues>();
  const when = useWatch({ control, name: 'when' });
  return (
    <FormSection title="When">
      <Controller
        control={control}
        name="when"
        render={({ field }) => (
          <ToggleButtonGroup
            exclusive
            color="primary"
            aria-label="When to run"
            value={field.value}
            onChange={(_event, next: TaskFormValues['when'] | null) => {
              if (next !== null) field.onChange(next);
            }}
          >
            <ToggleButton value="now">Now</ToggleButton>
            <ToggleButton value="once">Once</ToggleButton>
            <ToggleButton value="recurring">Recurring</ToggleButton>
          </ToggleButtonGroup>
        )}
      />
      {when === 'now' && (
        <Typography variant="body2" sx={{ color: 'text.secondary' }}>
          Runs a single time, as soon as it is saved.
        </Typography>
      )}
      {when === 'once' && <OnceFields />}
      {when === 'recurring' && <RecurringFields />}
    </FormSection>
  );
}

function OnceFields() {
  const [onceAt, timeZone] = useWatch<TaskFormValues, ['onceAt', 'timeZone']>({ name: ['onceAt', 'timeZone'] });
  return (
    <Box>
      <FieldRow>
        <FormField
          name="onceAt"
          type="datetime-local"
          label="Date and time"
          required
          slotProps={{ inputLabel: { shrink: true } }}
          help={isKnownZone(timeZone) ? meaningOf(onceAt, timeZone) : undefined}
        />
        <ZoneField />
      </FieldRow>
    </Box>
  );
}

/** The instant in words; a time that comes twice is said to be the first of the two. */
function meaningOf(text: string, zone: string): string | undefined {
  const instant = wallTimeToInstant(text, zone);
  if (instant.kind === 'unreadable' || instant.kind === 'gap') return undefined;
  const utc = `${formatDateTime(instant.ms, 'UTC')} UTC`;
  return instant.kind === 'fold'
    ? `This time comes twice on that day; the first is meant, at ${formatOffset(instant.ms, zone)} (${utc}).`
    : `${formatOffset(instant.ms, zone)}; ${utc}.`;
}
