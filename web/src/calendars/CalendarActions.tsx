import DeleteIcon from '@mui/icons-material/Delete';
import UploadFileIcon from '@mui/icons-material/UploadFile';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { useDeleteCalendar } from '../api/calendars.ts';
import type { Calendar } from '../api/shapes.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { useToast } from '../components/Toasts.tsx';
import { ImportDialog } from './ImportDialog.tsx';

interface CalendarActionsProps {
  readonly calendar: Calendar;
  readonly onImported: () => void;
}

export function CalendarActions({ calendar, onImported }: CalendarActionsProps) {
  const [dialog, setDialog] = useState<'import' | 'delete' | null>(null);
  const remove = useDeleteCalendar();
  const navigate = useNavigate();
  const toast = useToast();
  const close = () => {
    remove.reset();
    setDialog(null);
  };
  return (
    <>
      <Button variant="outlined" startIcon={<UploadFileIcon />} onClick={() => setDialog('import')}>
        Import a file
      </Button>
      <Button variant="outlined" color="error" startIcon={<DeleteIcon />} onClick={() => setDialog('delete')}>
        Delete
      </Button>
      {dialog === 'import' && (
        <ImportDialog
          name={calendar.name}
          taken={[]}
          onClose={close}
          onImported={({ title }) => {
            close();
            toast({ severity: 'success', message: `${title} was imported.` });
            onImported();
          }}
        />
      )}
      {dialog === 'delete' && (
        <ConfirmDialog
          title={`Delete \u201c${calendar.title}\u201d?`}
          confirmText="Delete"
          danger
          busy={remove.isPending}
          error={remove.error}
          onClose={close}
          onConfirm={() =>
            remove.mutate(calendar.name, {
              onSuccess: () => {
                toast({ severity: 'success', message: `${calendar.title} was deleted.` });
                void navigate('/calendars', { replace: true });
              },
            })
          }
        >
          <Typography variant="body2">A calendar that a task names can not be deleted.</Typography>
        </ConfirmDialog>
      )}
    </>
  );
}
