import TextField, { type TextFieldProps } from '@mui/material/TextField';
import type { ReactNode } from 'react';
import { type FieldPathByValue, useController } from 'react-hook-form';

import type { TaskFormValues } from './taskFormValues.ts';

type FormFieldProps = Omit<TextFieldProps, 'name' | 'value' | 'onChange' | 'error' | 'helperText'> & {
  readonly name: FieldPathByValue<TaskFormValues, string>;
  /** Shown while there is no error. */
  readonly help?: ReactNode;
  /** Told of a new value after the form has it. */
  readonly onChosen?: (value: string) => void;
};

/** A text field, or a select with `select`, that is bound to the task form and shows its field's error. */
export function FormField({ name, help, onChosen, ...rest }: FormFieldProps) {
  const { field, fieldState } = useController<TaskFormValues, typeof name>({ name });
  return (
    <TextField
      {...rest}
      name={field.name}
      value={field.value}
      onChange={(event) => {
        field.onChange(event);
        onChosen?.(event.target.value);
      }}
      onBlur={field.onBlur}
      inputRef={field.ref}
      error={fieldState.error !== undefined}
      helperText={fieldState.error?.message ?? help}
    />
  );
}
