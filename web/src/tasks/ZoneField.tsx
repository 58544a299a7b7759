import { useController } from 'react-hook-form';

import { ZonePicker } from '../time/ZonePicker.tsx';
import type { TaskFormValues } from './taskFormValues.ts';

/** The zone whose wall clock the task's times are meant on. */
export function ZoneField({ help }: { readonly help?: string }) {
  const { field, fieldState } = useController<TaskFormValues, 'timeZone'>({ name: 'timeZone' });
  return (
    <ZonePicker
      value={field.value}
      onChange={field.onChange}
      onBlur={field.onBlur}
      inputRef={field.ref}
      error={fieldState.error?.message}
      {...(help === undefined ? {} : { help })}
    />
  );
}
