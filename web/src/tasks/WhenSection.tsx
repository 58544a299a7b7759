import MenuItem from '@mui/material/MenuItem';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import { Controller, useFormContext, useWatch } from 'react-hook-form';

import { formatDateTime, formatOffset } from '../time/formatInstant.ts';
import { type WallInstant, wallTimeToInstant } from '../time/wallTime.ts';
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
  const [onceAt, timeZone, which] = useWatch<TaskFormValues, ['onceAt', 'timeZone', 'onceWhich']>({
    name: ['onceAt', 'timeZone', 'onceWhich'],
  });
  const instant = isKnownZone(timeZone) ? wallTimeToInstant(onceAt, timeZone) : { kind: 'unreadable' as const };
  return (
    <>
      <FieldRow>
        <FormField
          name="onceAt"
          type="datetime-local"
          label="Date and time"
          required
          slotProps={{ inputLabel: { shrink: true } }}
          help={meaningOf(instant, which, timeZone)}
        />
        <ZoneField />
      </FieldRow>
      {instant.kind === 'fold' && (
        <FormField
          name="onceWhich"
          label="This time comes twice on that day. Which one?"
          select
          help={`The clocks of ${timeZone} are set back.`}
        >
          <MenuItem value="first">The first, at {formatOffset(instant.ms, timeZone)}</MenuItem>
          <MenuItem value="second">The second, at {formatOffset(instant.secondMs, timeZone)}</MenuItem>
        </FormField>
      )}
    </>
  );
}

/** The instant in words; a time that does not exist is left to the field's own check. */
function meaningOf(instant: WallInstant, which: 'first' | 'second', zone: string): string | undefined {
  if (instant.kind === 'unreadable' || instant.kind === 'gap') return undefined;
  const ms = instant.kind === 'fold' && which === 'second' ? instant.secondMs : instant.ms;
  return `${formatOffset(ms, zone)}; ${formatDateTime(ms, 'UTC')} UTC.`;
}
