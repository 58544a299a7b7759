import TextField from '@mui/material/TextField';
import { useState } from 'react';

import { useSaveCalendar } from '../api/calendars.ts';
import type { Calendar } from '../api/shapes.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { MY_ZONE } from '../time/ZoneContext.tsx';
import { ZonePicker } from '../time/ZonePicker.tsx';
import { nameOfTitle, nameProblem } from './calendarName.ts';

interface NewCalendarDialogProps {
  readonly taken: readonly string[];
  readonly onClose: () => void;
  readonly onCreated: (calendar: Calendar) => void;
}

export function NewCalendarDialog({ taken, onClose, onCreated }: NewCalendarDialogProps) {
  const [title, setTitle] = useState('');
  const [ownName, setOwnName] = useState<string | null>(null);
  const [timeZone, setTimeZone] = useState(MY_ZONE);
  const save = useSaveCalendar();
  const name = ownName ?? nameOfTitle(title);
  const problem = name === '' && ownName === null ? undefined : nameProblem(name, taken);
  return (
    <ConfirmDialog
      title="New calendar"
      confirmText="Create"
      cancelText="Cancel"
      busy={save.isPending}
      disabled={title.trim() === '' || nameProblem(name, taken) !== undefined}
      error={save.error}
      onClose={onClose}
      onConfirm={() =>
        save.mutate({ name, input: { title: title.trim(), timeZone, rules: [] }, etag: null }, { onSuccess: onCreated })
      }
    >
      <TextField
        label="Title"
        required
        autoFocus
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        helperText="For people, such as Holidays in Italy."
        slotProps={{ htmlInput: { maxLength: 200 } }}
        sx={{ mt: 1 }}
      />
      <TextField
        label="Name"
        required
        value={name}
        onChange={(event) => setOwnName(event.target.value)}
        error={problem !== undefined}
        helperText={problem ?? 'Tasks name it so. It can not be changed later.'}
        slotProps={{ htmlInput: { spellCheck: false, autoCapitalize: 'off' } }}
      />
      <ZonePicker value={timeZone} onChange={setTimeZone} help="In which its days and times of day are meant." />
    </ConfirmDialog>
  );
}
