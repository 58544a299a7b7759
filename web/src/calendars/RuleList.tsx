import AddIcon from '@mui/icons-material/Add';
import DeleteIcon from '@mui/icons-material/Delete';
import EditIcon from '@mui/icons-material/Edit';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import { useState } from 'react';

import type { ExclusionRule } from '../api/shapes.ts';
import { Panel } from '../components/Panel.tsx';
import { ruleText } from '../exclusions/ruleText.ts';
import { isOfYear } from '../exclusions/yearOfRules.ts';
import { RuleDialog } from './RuleDialog.tsx';
import { orderedRules } from './ruleOrder.ts';

interface RuleListProps {
  readonly rules: readonly ExclusionRule[];
  readonly zone: string;
  readonly year: number;
  readonly today: string;
  readonly onChange: (rules: ExclusionRule[]) => void;
}

/** The rules that have a say in the year, in words, each to be changed or taken away. */
export function RuleList({ rules, zone, year, today, onChange }: RuleListProps) {
  const [asking, setAsking] = useState<'new' | number | null>(null);
  const shown = orderedRules(rules).filter(({ rule }) => isOfYear(rule, zone, year));
  const edited = typeof asking === 'number' ? (rules[asking] ?? null) : null;
  return (
    <Panel
      title={`Rules of ${year}`}
      note={`${rules.length.toLocaleString('en')} in all years`}
      action={
        <Button size="small" startIcon={<AddIcon />} onClick={() => setAsking('new')}>
          Add a rule
        </Button>
      }
    >
      {shown.length === 0 && (
        <Box sx={{ color: 'text.secondary', fontSize: '0.8438rem' }}>None: tasks run all year.</Box>
      )}
      <Box component="ul" aria-label="Rules" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {shown.map(({ rule, place }) => {
          const text = ruleText(rule, zone);
          return (
            <Box
              component="li"
              key={place}
              sx={{
                display: 'flex',
                alignItems: 'center',
                gap: 1,
                py: 0.25,
                fontSize: '0.8438rem',
                '&:not(:last-child)': { borderBottom: 1, borderColor: 'divider' },
              }}
            >
              <Box sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
                {text}
                {typeof rule.label === 'string' && rule.label !== '' && (
                  <Box component="span" sx={{ color: 'text.secondary' }}>
                    {' '}
                    &middot; {rule.label}
                  </Box>
                )}
              </Box>
              <IconButton size="small" aria-label={`Change: ${text}`} onClick={() => setAsking(place)}>
                <EditIcon fontSize="small" />
              </IconButton>
              <IconButton
                size="small"
                aria-label={`Remove: ${text}`}
                onClick={() => onChange(rules.filter((_rule, index) => index !== place))}
              >
                <DeleteIcon fontSize="small" />
              </IconButton>
            </Box>
          );
        })}
      </Box>
      {asking !== null && (
        <RuleDialog
          rule={edited}
          zone={zone}
          today={today}
          onClose={() => setAsking(null)}
          onDone={(rule) => {
            onChange(edited === null ? [...rules, rule] : rules.map((one, index) => (index === asking ? rule : one)));
            setAsking(null);
          }}
        />
      )}
    </Panel>
  );
}
