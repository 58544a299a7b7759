import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import type { FieldPathByValue } from 'react-hook-form';
import { useWatch } from 'react-hook-form';

import { FormField } from './FormField.tsx';
import type { PolicyChoice } from './policyWords.ts';
import type { TaskFormValues } from './taskFormValues.ts';

interface PolicySelectProps {
  readonly name: FieldPathByValue<TaskFormValues, string>;
  readonly label: string;
  readonly choices: readonly PolicyChoice<string>[];
}

/** A choice among policies; each says in one line what it does, and the chosen one says it below the field. */
export function PolicySelect({ name, label, choices }: PolicySelectProps) {
  const value = useWatch<TaskFormValues>({ name }) as string;
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <FormField
      name={name}
      label={label}
      select
      help={chosen?.line}
      slotProps={{ select: { renderValue: () => chosen?.text ?? value } }}
    >
      {choices.map((choice) => (
        <MenuItem key={choice.value} value={choice.value} sx={{ whiteSpace: 'normal' }}>
          <Box>
            <Box sx={{ fontWeight: 600, fontSize: '0.875rem' }}>{choice.text}</Box>
            <Box sx={{ color: 'text.secondary', fontSize: '0.7812rem', maxWidth: 440 }}>{choice.line}</Box>
          </Box>
        </MenuItem>
      ))}
    </FormField>
  );
}
