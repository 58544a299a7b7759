import { useApplyAdvice, useProposal } from '../api/advice.ts';
import type { AdviceInput } from '../api/shapes.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { useToast } from '../components/Toasts.tsx';
import { count, peakChange } from './adviceWords.ts';

interface ApplyDialogProps {
  readonly input: AdviceInput;
  /** How many of the tasks get a window that they do not have. */
  readonly windows: number;
  readonly onClose: () => void;
}

/** Says what just these moves would do, as the server finds it now, and asks. */
export function ApplyDialog({ input, windows, onClose }: ApplyDialogProps) {
  const proposal = useProposal(input);
  const { mutate, isPending, error } = useApplyAdvice();
  const toast = useToast();
  return (
    <ConfirmDialog
      title={`Move ${count(input.moves.length, 'task')}?`}
      confirmText="Apply"
      busy={isPending}
      disabled={proposal.data === undefined}
      error={error}
      onClose={onClose}
      onConfirm={() =>
        mutate(input, {
          onSuccess: (applied) => {
            toast({ message: `Applied. ${peakChange(applied)}`, severity: 'success' });
            onClose();
          },
        })
      }
    >
      <QueryView query={proposal} what="the peak that this makes" skeletonHeight={24}>
        {(proposed) => <span>{peakChange(proposed)}</span>}
      </QueryView>
      <span>
        Scheduled times stay; what is ahead becomes due at the new places from now on.
        {windows > 0 && ` ${count(windows, 'task')} of them ${windows === 1 ? 'gets' : 'get'} a flexible window.`} It
        can be undone.
      </span>
    </ConfirmDialog>
  );
}
