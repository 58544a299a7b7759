import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useDeferredValue } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';

import type { TaskTypeInfo } from '../api/shapes.ts';
import { MONO } from '../theme.ts';
import { FormField } from './FormField.tsx';
import { payloadFields } from './payloadFields.ts';
import { payloadProblems } from './payloadProblems.ts';
import type { TaskFormValues } from './taskFormValues.ts';

/** The payload as JSON, with the type's example and the fields that its schema knows. */
export function PayloadEditor({ type }: { readonly type: TaskTypeInfo | undefined }) {
  const form = useFormContext<TaskFormValues>();
  const set = (text: string) =>
    form.setValue('payloadText', text, { shouldDirty: true, shouldValidate: true, shouldTouch: true });
  const text = useDeferredValue(useWatch({ control: form.control, name: 'payloadText' }));
  const problems = type === undefined ? [] : payloadProblems(text, type.payloadSchema);
  const fields = type === undefined ? [] : payloadFields(type.payloadSchema);
  return (
    <Box>
      <FormField
        name="payloadText"
        label="Payload (JSON)"
        multiline
        minRows={4}
        maxRows={16}
        help={type === undefined ? 'Choose a type first; its example is then filled in.' : undefined}
        slotProps={{
          htmlInput: { spellCheck: false, autoCapitalize: 'off', style: { fontFamily: MONO, fontSize: '0.82rem' } },
        }}
      />
      {type !== undefined && (
        <Box sx={{ display: 'flex', gap: 1, mt: 0.5 }}>
          <Button size="small" onClick={() => set(JSON.stringify(type.examplePayload, null, 2))}>
            Use the example
          </Button>
          <Button
            size="small"
            onClick={() => {
              const current = form.getValues('payloadText');
              set(formatted(current) ?? current);
            }}
          >
            Format
          </Button>
        </Box>
      )}
      {problems.length > 0 && (
        <Alert severity="warning" variant="outlined" sx={{ my: 1 }}>
          Does not fit the type: {problems.join('; ')}.
        </Alert>
      )}
      {fields.length > 0 && (
        <Box
          component="dl"
          aria-label="Fields of the payload"
          sx={{
            display: 'grid',
            gridTemplateColumns: 'max-content 1fr',
            columnGap: 2,
            rowGap: 0.25,
            m: 0,
            mt: 1,
            fontSize: '0.7812rem',
            '& dt': { fontFamily: MONO, overflowWrap: 'anywhere' },
            '& dd': { m: 0, color: 'text.secondary' },
          }}
        >
          {fields.map(({ name, text }) => (
            <Box key={name} sx={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </Box>
          ))}
        </Box>
      )}
    </Box>
  );
}

/** Undefined when it is not JSON; the field's own check then says why. */
function formatted(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}
