import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import { useEffect } from 'react';
import { type FieldPath, FormProvider, useForm } from 'react-hook-form';

import { ApiError } from '../api/client.ts';
import type { Task, TaskTypeInfo } from '../api/shapes.ts';
import { useSaveTask } from '../api/tasks.ts';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { fieldOfPath, pathInPayload } from './fieldOfPath.ts';
import { LabelsSection } from './LabelsSection.tsx';
import { LimitsSection } from './LimitsSection.tsx';
import { PoliciesSection } from './PoliciesSection.tsx';
import { SubmitButton } from './SubmitButton.tsx';
import { draftOfValues } from './taskDraft.ts';
import type { TaskFormValues } from './taskFormValues.ts';
import { taskResolver } from './taskResolver.ts';
import { WhatSection } from './WhatSection.tsx';
import { WhenSection } from './WhenSection.tsx';

interface TaskFormProps {
  readonly values: TaskFormValues;
  readonly types: readonly TaskTypeInfo[];
  /** Null for a new task. */
  readonly taskId: string | null;
  readonly etag: string | null;
  readonly onDirty: (dirty: boolean) => void;
  readonly onCancel: () => void;
  readonly onSaved: (task: Task) => void;
  /** Reads the task again, after somebody else changed it. */
  readonly onReload: () => void;
}

export function TaskForm({ values, types, taskId, etag, onDirty, onCancel, onSaved, onReload }: TaskFormProps) {
  const form = useForm<TaskFormValues>({ defaultValues: values, resolver: taskResolver, mode: 'onTouched' });
  const save = useSaveTask();
  const { isDirty } = form.formState;
  useEffect(() => onDirty(isDirty), [isDirty, onDirty]);

  const submit = form.handleSubmit((filled) => {
    save.mutate(
      { draft: draftOfValues(filled).draft, taskId, etag },
      { onSuccess: onSaved, onError: (error) => placeErrors(error, filled) },
    );
  });

  /** What the server found is shown where it was typed; what belongs to no field stays above the form. */
  const placeErrors = (error: Error, filled: TaskFormValues) => {
    const errors = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
    const labelKeys = filled.labels.map(({ key }) => key.trim());
    errors.forEach(({ path, message }, place) => {
      const field = fieldOfPath(path, labelKeys);
      const where = field === 'payloadText' ? pathInPayload(path) : '';
      form.setError(
        field as FieldPath<TaskFormValues> | 'root',
        { type: 'server', message: where === '' ? message : `${where}: ${message}` },
        { shouldFocus: place === 0 },
      );
    });
  };

  return (
    <FormProvider {...form}>
      <Box
        component="form"
        noValidate
        onSubmit={(event) => void submit(event)}
        sx={{ display: 'flex', flexDirection: 'column', minHeight: 0, flex: 1 }}
      >
        <DialogContent dividers sx={{ display: 'grid', gap: 3.5, alignContent: 'start' }}>
          {save.error !== null && <SaveError error={save.error} onReload={onReload} />}
          <WhatSection types={types} />
          <WhenSection />
          <PoliciesSection />
          <LimitsSection types={types} />
          <LabelsSection />
        </DialogContent>
        <DialogActions sx={{ px: 3, py: 1.5 }}>
          <Button onClick={onCancel}>Cancel</Button>
          <SubmitButton isNew={taskId === null} busy={save.isPending} />
        </DialogActions>
      </Box>
    </FormProvider>
  );
}

function SaveError({ error, onReload }: { readonly error: Error; readonly onReload: () => void }) {
  if (error instanceof ApiError && error.status === 412) {
    return (
      <Alert
        severity="warning"
        variant="outlined"
        action={
          <Button color="inherit" size="small" onClick={onReload}>
            Load theirs
          </Button>
        }
      >
        Somebody else changed this task while you were editing, so nothing was saved. Load their version to start from
        it; what you typed here is then lost.
      </Alert>
    );
  }
  const errors = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  if (errors.length > 0) {
    return (
      <Alert severity="error" variant="outlined">
        Nothing was saved: {errors.map(({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`).join('; ')}
      </Alert>
    );
  }
  return <ErrorPanel error={error} />;
}
