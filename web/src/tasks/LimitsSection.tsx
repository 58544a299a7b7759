import FormControlLabel from '@mui/material/FormControlLabel';
import MenuItem from '@mui/material/MenuItem';
import Switch from '@mui/material/Switch';
import { Controller, useFormContext, useWatch } from 'react-hook-form';

import type { TaskTypeInfo } from '../api/shapes.ts';
import { formatDuration } from '../time/formatInstant.ts';
import { FormField } from './FormField.tsx';
import { FieldRow, FormSection } from './FormSection.tsx';
import type { TaskFormValues } from './taskFormValues.ts';

export function LimitsSection({ types }: { readonly types: readonly TaskTypeInfo[] }) {
  const taskType = useWatch<TaskFormValues, 'taskType'>({ name: 'taskType' });
  const type = types.find(({ name }) => name === taskType);
  return (
    <FormSection title="Limits">
      <FieldRow>
        <FormField
          name="timeout"
          label="Time limit of a run"
          help={
            type === undefined
              ? 'Empty: as the type says.'
              : `Empty: ${formatDuration(type.timeoutMs)}, as the type says.`
          }
        />
        <FormField name="priority" label="Priority" select>
          <MenuItem value="high">High</MenuItem>
          <MenuItem value="normal">Normal</MenuItem>
          <MenuItem value="low">Low</MenuItem>
        </FormField>
      </FieldRow>
      <RetryFields type={type} />
    </FormSection>
  );
}

function RetryFields({ type }: { readonly type: TaskTypeInfo | undefined }) {
  const { control } = useFormContext<TaskFormValues>();
  const ownRetry = useWatch({ control, name: 'ownRetry' });
  return (
    <>
      <Controller
        control={control}
        name="ownRetry"
        render={({ field }) => (
          <FormControlLabel
            control={<Switch checked={field.value} onChange={(_event, checked) => field.onChange(checked)} />}
            label={
              field.value || type === undefined
                ? 'Retry in its own way'
                : `Retry in its own way, instead of the type\u2019s ${type.retry.maxAttempts} ${type.retry.maxAttempts === 1 ? 'attempt' : 'attempts'}`
            }
          />
        )}
      />
      {ownRetry && (
        <FieldRow>
          <FormField name="maxAttempts" label="Attempts at most" help="The first one counts too." required />
          <FormField name="backoff" label="Waits between attempts" select>
            <MenuItem value="exponential">Grow each time</MenuItem>
            <MenuItem value="fixed">Stay the same</MenuItem>
          </FormField>
          <FormField name="firstDelay" label="First wait" required />
          <FormField name="maxDelay" label="Longest wait" required />
        </FieldRow>
      )}
    </>
  );
}
