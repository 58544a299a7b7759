import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';

import { ApiError } from '../api/client.ts';

interface ErrorPanelProps {
  readonly error: Error;
  readonly retry?: () => void;
  /** What could not be shown, such as "the tasks". */
  readonly what?: string;
}

/** Says what went wrong, how to name it to somebody who can help, and offers another try. */
export function ErrorPanel({ error, retry, what }: ErrorPanelProps) {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <Alert
      severity="error"
      variant="outlined"
      action={
        retry !== undefined && (
          <Button color="inherit" size="small" onClick={retry} sx={{ whiteSpace: 'nowrap' }}>
            Try again
          </Button>
        )
      }
    >
      <AlertTitle>{what === undefined ? titleOf(error) : `Could not load ${what}`}</AlertTitle>
      {error.message}
      {requestId !== null && (
        <Box sx={{ mt: 0.5, color: 'text.secondary', fontSize: '0.8rem' }}>
          Request <code>{requestId}</code>
        </Box>
      )}
    </Alert>
  );
}

function titleOf(error: Error): string {
  return error instanceof ApiError && error.problem !== null ? error.problem.title : 'Something went wrong';
}
