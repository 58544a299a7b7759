import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { type ReactNode, useId } from 'react';

import { ErrorPanel } from './ErrorPanel.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** The button that does it, as a verb: "Delete", "Pause". */
  readonly confirmText: string;
  /** The button that does nothing. */
  readonly cancelText?: string;
  readonly danger?: boolean;
  /** With room for more than a question. */
  readonly wide?: boolean;
  readonly busy: boolean;
  readonly disabled?: boolean;
  readonly error: Error | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something is done; an error of doing it is shown here, with the question still open. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const titleId = useId();
  return (
    <Dialog
      open
      onClose={props.onClose}
      aria-labelledby={titleId}
      maxWidth={props.wide === true ? 'sm' : 'xs'}
      fullWidth
    >
      <DialogTitle id={titleId}>{props.title}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2, minWidth: 0 }}>
        {props.children}
        {props.error !== null && <ErrorPanel error={props.error} />}
      </DialogContent>
      <DialogActions>
        <Button onClick={props.onClose}>{props.cancelText ?? 'Keep as it is'}</Button>
        <Button
          variant="contained"
          color={props.danger === true ? 'error' : 'primary'}
          loading={props.busy}
          disabled={props.disabled ?? false}
          onClick={props.onConfirm}
        >
          {props.confirmText}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
