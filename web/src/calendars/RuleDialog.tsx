import Box from '@mui/material/Box';
import { useState } from 'react';

import type { ExclusionRule } from '../api/shapes.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { RuleFields } from '../exclusions/RuleFields.tsx';
import { rowOfKind, rowOfRule, ruleOfRow } from '../exclusions/ruleRows.ts';

interface RuleDialogProps {
  /** Null for a new one. */
  readonly rule: ExclusionRule | null;
  readonly zone: string;
  readonly today: string;
  readonly onClose: () => void;
  readonly onDone: (rule: ExclusionRule) => void;
}

/** One rule of a calendar, new or changed; it is in the calendar as soon as that is saved. */
export function RuleDialog({ rule, zone, today, onClose, onDone }: RuleDialogProps) {
  const [row, setRow] = useState(() => (rule === null ? rowOfKind('date', today) : rowOfRule(rule, zone)));
  const [tried, setTried] = useState(false);
  const { rule: written, problems } = ruleOfRow(row, zone);
  return (
    <ConfirmDialog
      title={rule === null ? 'Add a rule' : 'Change the rule'}
      confirmText={rule === null ? 'Add' : 'Change'}
      cancelText="Cancel"
      wide
      busy={false}
      error={null}
      onClose={onClose}
      onConfirm={() => {
        setTried(true);
        if (problems.length === 0) onDone(written);
      }}
    >
      <Box sx={{ color: 'text.secondary', fontSize: '0.8438rem' }}>Days and times are meant in {zone}.</Box>
      <RuleFields row={row} today={today} problems={tried ? problems : []} onChange={setRow} />
    </ConfirmDialog>
  );
}
