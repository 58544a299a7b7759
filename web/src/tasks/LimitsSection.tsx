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
  const { control } = useFormContext<TaskFormValues>();
  const [when, repeat, taskType] = useWatch({ control, name: ['when', 'repeat', 'taskType'] });
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
        <FormField
          name="startExpiry"
          label="Give up when it starts later than"
          help="Empty: never, however late it is."
        />
        <FormField name="priority" label="Priority" select>
          <MenuItem value="high">High</MenuItem>
          <MenuItem value="normal">Normal</MenuItem>
          <MenuItem value="low">Low</MenuItem>
        </FormField>
        {when === 'recurring' && (
          <>
            <FormField name="overlap" label="When the run before still goes on" select>
              <MenuItem value="skip">Skip this one</MenuItem>
              <MenuItem value="allow">Let both run</MenuItem>
            </FormField>
            <FormField name="misfire" label="When its time passed unnoticed" select>
              <MenuItem value="latest">Run the latest one missed</MenuItem>
              <MenuItem value="all">Run all that were missed</MenuItem>
              <MenuItem value="skip">Skip what was missed</MenuItem>
            </FormField>
          </>
        )}
      </FieldRow>
      {when === 'recurring' && repeat === 'cron' && <DstFields />}
      <RetryFields type={type} />
    </FormSection>
  );
}

function DstFields() {
  return (
    <FieldRow>
      <FormField name="dstGap" label="When the clock jumps over its time" select>
        <MenuItem value="shift">Run at the first valid time after it</MenuItem>
        <MenuItem value="skip">Do not run on that day</MenuItem>
      </FormField>
      <FormField name="dstRepeat" label="When its time comes twice" select>
        <MenuItem value="first">Run at the first</MenuItem>
        <MenuItem value="last">Run at the second</MenuItem>
        <MenuItem value="both">Run at both</MenuItem>
      </FormField>
    </FieldRow>
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
