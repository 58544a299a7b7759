import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';

import { formatRelative } from '../time/formatInstant.ts';
import { useNow } from '../time/useNow.ts';

interface StaleBannerProps {
  /** When the data on the page was read, epoch ms of this browser. */
  readonly dataMs: number;
  readonly error: Error;
  readonly retry: () => void;
}

/** The last good data stays on the page; this says that it is old, and why. */
export function StaleBanner({ dataMs, error, retry }: StaleBannerProps) {
  const nowMs = useNow();
  return (
    <Alert
      severity="warning"
      variant="outlined"
      sx={{ mb: 2 }}
      action={
        <Button color="inherit" size="small" onClick={retry}>
          Try now
        </Button>
      }
    >
      Shown as it was {formatRelative(dataMs, nowMs) ?? 'more than a day ago'}: {error.message}
    </Alert>
  );
}
