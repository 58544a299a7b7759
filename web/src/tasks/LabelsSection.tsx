import AddIcon from '@mui/icons-material/Add';
import RemoveIcon from '@mui/icons-material/Remove';
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormHelperText from '@mui/material/FormHelperText';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import { useController, useFieldArray, useFormContext } from 'react-hook-form';

import { FormField } from './FormField.tsx';
import { FormSection } from './FormSection.tsx';
import type { TaskFormValues } from './taskFormValues.ts';

export function LabelsSection() {
  return (
    <FormSection title="Labels and reports">
      <Labels />
      <Recipients />
      <FormField name="securityGroup" label="Security group" help="Whose members may see and change it." />
    </FormSection>
  );
}

function Labels() {
  const { control, formState } = useFormContext<TaskFormValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'labels' });
  const error = formState.errors.labels?.message ?? formState.errors.labels?.root?.message;
  return (
    <Box role="group" aria-label="Labels" sx={{ display: 'grid', gap: 1 }}>
      {fields.map((field, place) => (
        <Box key={field.id} sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
          <FormField name={`labels.${place}.key`} label="Label" />
          <FormField name={`labels.${place}.value`} label="Value" />
          <IconButton aria-label="Remove this label" onClick={() => remove(place)}>
            <RemoveIcon />
          </IconButton>
        </Box>
      ))}
      {error !== undefined && <FormHelperText error>{error}</FormHelperText>}
      <Box>
        <Button
          size="small"
          startIcon={<AddIcon />}
          disabled={fields.length >= 20}
          onClick={() => append({ key: fields.length === 0 ? 'experiment' : '', value: '' })}
        >
          Add a label
        </Button>
      </Box>
    </Box>
  );
}

function Recipients() {
  const { field, fieldState } = useController<TaskFormValues, 'recipients'>({ name: 'recipients' });
  const nested = Array.isArray(fieldState.error)
    ? (fieldState.error as ({ message?: string } | undefined)[]).find((one) => one?.message !== undefined)
    : undefined;
  const message = fieldState.error?.message ?? nested?.message;
  return (
    <Autocomplete
      multiple
      freeSolo
      autoSelect
      options={[]}
      value={field.value}
      onChange={(_event, addresses) => field.onChange(addresses.map((one) => one.trim()).filter((one) => one !== ''))}
      onBlur={field.onBlur}
      renderInput={(params) => (
        <TextField
          {...params}
          type="email"
          label="Recipients of its report"
          error={message !== undefined}
          helperText={message ?? 'E-mail addresses; press Enter after each.'}
        />
      )}
    />
  );
}
