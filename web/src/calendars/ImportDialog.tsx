import UploadFileIcon from '@mui/icons-material/UploadFile';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';

import { useImportCalendar, useImportPreview } from '../api/calendars.ts';
import type { Calendar } from '../api/shapes.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { nameOfTitle, nameProblem } from './calendarName.ts';
import { ImportPreview } from './ImportPreview.tsx';

interface ImportDialogProps {
  /** The calendar that is replaced; null makes a new one. */
  readonly name: string | null;
  readonly taken: readonly string[];
  readonly onClose: () => void;
  readonly onImported: (calendar: Calendar) => void;
}

interface ReadFile {
  readonly fileName: string;
  readonly ical: string;
}

/** Reads an iCalendar file, shows what would become of it, and only then imports it. */
export function ImportDialog({ name, taken, onClose, onImported }: ImportDialogProps) {
  const [file, setFile] = useState<ReadFile | null>(null);
  const [ownName, setOwnName] = useState<string | null>(null);
  const [ready, setReady] = useState(false);
  const save = useImportCalendar();
  const target = name ?? ownName ?? nameOfTitle(file?.fileName ?? '');
  const problem = name === null && file !== null ? nameProblem(target, taken) : undefined;
  return (
    <ConfirmDialog
      title={name === null ? 'Import a calendar' : `Import into ${name}`}
      confirmText={name === null ? 'Import' : 'Replace its rules'}
      cancelText="Cancel"
      wide
      busy={save.isPending}
      disabled={file === null || problem !== undefined || !ready}
      error={save.error}
      onClose={onClose}
      onConfirm={() => {
        if (file === null) return;
        save.mutate(
          { name: target, ical: file.ical },
          {
            onSuccess: ({ calendar }) => {
              if (calendar !== null) onImported(calendar);
            },
          },
        );
      }}
    >
      <Typography variant="body2">
        An iCalendar file (.ics), as calendar programs and public holiday services give it.
        {name !== null && ' All rules of the calendar are replaced by those of the file.'}
      </Typography>
      <FileButton
        fileName={file?.fileName ?? null}
        onFile={(read) => {
          setReady(false);
          setFile(read);
        }}
      />
      {name === null && file !== null && (
        <TextField
          label="Name"
          required
          value={target}
          onChange={(event) => setOwnName(event.target.value)}
          error={problem !== undefined}
          helperText={problem ?? 'Tasks name it so.'}
          slotProps={{ htmlInput: { spellCheck: false, autoCapitalize: 'off' } }}
        />
      )}
      {file !== null && problem === undefined && (
        <Preview key={file.ical} name={target} ical={file.ical} onReady={setReady} />
      )}
    </ConfirmDialog>
  );
}

function FileButton({
  fileName,
  onFile,
}: {
  readonly fileName: string | null;
  readonly onFile: (file: ReadFile) => void;
}) {
  const [failure, setFailure] = useState<string | null>(null);
  return (
    <Box>
      <Button component="label" variant="outlined" startIcon={<UploadFileIcon />}>
        {fileName ?? 'Choose a file'}
        <Box
          component="input"
          type="file"
          accept=".ics,text/calendar"
          aria-label="iCalendar file"
          sx={{ position: 'absolute', inset: 0, opacity: 0, cursor: 'pointer' }}
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen === undefined) return;
            chosen.text().then(
              (ical) => {
                setFailure(null);
                onFile({ fileName: chosen.name, ical });
              },
              () => setFailure('The file could not be read.'),
            );
          }}
        />
      </Button>
      {failure !== null && (
        <Alert severity="error" variant="outlined" sx={{ mt: 1 }}>
          {failure}
        </Alert>
      )}
    </Box>
  );
}

interface PreviewProps {
  readonly name: string;
  readonly ical: string;
  readonly onReady: (ready: boolean) => void;
}

function Preview({ name, ical, onReady }: PreviewProps) {
  const preview = useImportPreview({ name, ical });
  return (
    <QueryView query={preview} what="the file" skeletonHeight={120}>
      {(data) => <ImportPreview found={data} onReady={onReady} />}
    </QueryView>
  );
}
