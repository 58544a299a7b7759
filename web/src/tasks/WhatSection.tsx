import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import { useFormContext, useWatch } from 'react-hook-form';

import type { TaskTypeInfo } from '../api/shapes.ts';
import { FormField } from './FormField.tsx';
import { FormSection } from './FormSection.tsx';
import { PayloadEditor } from './PayloadEditor.tsx';
import type { TaskFormValues } from './taskFormValues.ts';

export function WhatSection({ types }: { readonly types: readonly TaskTypeInfo[] }) {
  const form = useFormContext<TaskFormValues>();
  const taskType = useWatch({ control: form.control, name: 'taskType' });
  const type = types.find(({ name }) => name === taskType);

  /** A payload that nobody touched follows the type: its example is the best start. */
  const suggestPayload = (nextName: string) => {
    const current = form.getValues('payloadText').trim();
    const untouched = current === '{}' || current === '' || current === exampleText(type);
    const next = types.find(({ name }) => name === nextName);
    if (untouched && next !== undefined) form.setValue('payloadText', exampleText(next), { shouldDirty: true });
  };

  return (
    <FormSection title="What">
      <FormField name="name" label="Name" required autoFocus help="As people will look for it." />
      <FormField
        name="taskType"
        label="Type of work"
        select
        required
        help={type?.description ?? 'What is done at each run.'}
        onChosen={suggestPayload}
      >
        {types.map(({ name, title, enabled }) => (
          <MenuItem key={name} value={name}>
            <Box>
              {title} {!enabled && '(switched off)'}
              <Box component="span" sx={{ color: 'text.secondary', ml: 1, fontSize: '0.8rem' }}>
                {name}
              </Box>
            </Box>
          </MenuItem>
        ))}
      </FormField>
      {type?.enabled === false && (
        <Alert severity="warning" variant="outlined">
          {type.title} is switched off in the configuration of this installation: the task can not be saved.
        </Alert>
      )}
      <PayloadEditor type={type} />
    </FormSection>
  );
}

export function exampleText(type: TaskTypeInfo | undefined): string {
  return JSON.stringify(type?.examplePayload ?? {}, null, 2);
}
