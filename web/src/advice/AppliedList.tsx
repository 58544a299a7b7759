import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useState } from 'react';

import { useUndoAdvice } from '../api/advice.ts';
import type { AppliedAdvice } from '../api/shapes.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { useToast } from '../components/Toasts.tsx';
import { When } from '../time/When.tsx';
import { canUndo, count, STATE_TEXT } from './adviceWords.ts';

/** What was applied, newest first, each with its way back. */
export function AppliedList({ items }: { readonly items: readonly AppliedAdvice[] }) {
  const [asked, setAsked] = useState<AppliedAdvice | null>(null);
  if (items.length === 0) {
    return <Box sx={{ px: 2, pb: 2, typography: 'body2', color: 'text.secondary' }}>Nothing was applied yet.</Box>;
  }
  return (
    <>
      <Box component="ol" aria-label="Applied advice" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {items.map((advice) => (
          <Box
            component="li"
            key={advice.id}
            sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 2, py: 1, borderTop: 1, borderColor: 'divider' }}
          >
            <Box sx={{ flex: 1, minWidth: 0 }}>
              <Box sx={{ typography: 'body2', fontWeight: 600 }}>
                Advice {advice.id}: {count(advice.moves.length, 'task')}, peak {advice.peakBefore} to {advice.peakAfter}
              </Box>
              <Box sx={{ typography: 'caption', color: 'text.secondary' }}>
                {STATE_TEXT[advice.state]} &middot; <When at={advice.appliedAt} />
                {changedText(advice)}
              </Box>
            </Box>
            {canUndo(advice) && (
              <Button size="small" variant="outlined" onClick={() => setAsked(advice)}>
                Undo
              </Button>
            )}
          </Box>
        ))}
      </Box>
      {asked !== null && <UndoDialog advice={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function changedText({ moves }: AppliedAdvice): string {
  const changed = moves.filter(({ state }) => state === 'changed').length;
  return changed === 0 ? '' : ` \u00b7 ${count(changed, 'task')} changed since`;
}

function UndoDialog({ advice, onClose }: { readonly advice: AppliedAdvice; readonly onClose: () => void }) {
  const { mutate, isPending, error } = useUndoAdvice();
  const toast = useToast();
  const restored = advice.moves.filter(({ state }) => state === 'applied').length;
  return (
    <ConfirmDialog
      title={`Undo advice ${advice.id ?? ''}?`}
      confirmText="Undo"
      busy={isPending}
      error={error}
      onClose={onClose}
      onConfirm={() =>
        mutate(String(advice.id), {
          onSuccess: ({ restored: done, left }) => {
            const rest =
              left.length === 0 ? '' : ` ${count(left.length, 'task')} changed since and stayed as they are.`;
            toast({ message: `${count(done, 'task')} restored.${rest}`, severity: 'success' });
            onClose();
          },
        })
      }
    >
      <span>
        {count(restored, 'task')} will be due where they were before. Tasks that were edited since stay as they are.
      </span>
    </ConfirmDialog>
  );
}
