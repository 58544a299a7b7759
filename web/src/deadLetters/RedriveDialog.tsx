import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';

import type { RedriveInput } from '../api/shapes.ts';
import { useRedrive, useRedriveCount } from '../api/system.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { ErrorPanel } from '../components/ErrorPanel.tsx';

interface RedriveDialogProps {
  readonly input: RedriveInput;
  /** Which ones, in words: "that match the filter". */
  readonly which: string;
  readonly onClose: () => void;
  readonly onDone: (redriven: number) => void;
}

/** Counts on the server what would go round again, and does it only when told so. */
export function RedriveDialog({ input, which, onClose, onDone }: RedriveDialogProps) {
  const count = useRedriveCount(input);
  const redrive = useRedrive();
  const matched = count.data?.matched;
  return (
    <ConfirmDialog
      title="Redrive dead letters"
      confirmText={matched === undefined ? 'Redrive' : `Redrive ${matched.toLocaleString('en')}`}
      busy={redrive.isPending}
      disabled={matched === undefined || matched === 0}
      error={redrive.error}
      onClose={onClose}
      onConfirm={() => redrive.mutate(input, { onSuccess: ({ redriven }) => onDone(redriven) })}
    >
      {count.isError && <ErrorPanel error={count.error} what="the count" retry={() => void count.refetch()} />}
      {count.isPending && <Skeleton role="status" aria-label="Counting" />}
      {matched !== undefined && (
        <Typography variant="body2">
          {matched === 0
            ? `No dead letters ${which} are left.`
            : `${matched.toLocaleString('en')} ${matched === 1 ? 'dead letter' : 'dead letters'} ${which} will be scheduled again, due at once, with their attempts counted from the start.`}
        </Typography>
      )}
    </ConfirmDialog>
  );
}
