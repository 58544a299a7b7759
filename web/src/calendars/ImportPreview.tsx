import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import { useEffect } from 'react';

import type { CalendarImport } from '../api/shapes.ts';
import { ruleText } from '../exclusions/ruleText.ts';

const SHOWN_RULES = 8;
const SHOWN_LEFT_OUT = 20;

interface ImportPreviewProps {
  readonly found: CalendarImport;
  readonly onReady: (ready: boolean) => void;
}

/** What a file holds: its rules, the first of them in full, and what is left out and why. */
export function ImportPreview({ found, onReady }: ImportPreviewProps) {
  const { title, timeZone, rules, leftOut } = found;
  useEffect(() => onReady(rules.length > 0), [onReady, rules.length]);
  return (
    <Box sx={{ display: 'grid', gap: 1.5, minWidth: 0 }} role="region" aria-label="What the file holds">
      <Alert severity={rules.length === 0 ? 'warning' : 'info'} variant="outlined">
        {title}, {timeZone}: {rules.length.toLocaleString('en')} {rules.length === 1 ? 'rule' : 'rules'}
        {leftOut.length > 0 && `, ${leftOut.length.toLocaleString('en')} left out`}.
      </Alert>
      <Box component="ul" aria-label="Rules of the file" sx={listStyle}>
        {rules.slice(0, SHOWN_RULES).map((rule, place) => (
          <li key={place}>
            {ruleText(rule, timeZone)}
            <Box component="span" sx={{ color: 'text.secondary' }}>
              {' '}
              {rule.label}
            </Box>
          </li>
        ))}
        {rules.length > SHOWN_RULES && <li>and {(rules.length - SHOWN_RULES).toLocaleString('en')} more</li>}
      </Box>
      {leftOut.length > 0 && (
        <Box>
          <Box sx={{ typography: 'h3', mb: 0.5 }}>Left out</Box>
          <Box component="ul" aria-label="Left out" sx={listStyle}>
            {leftOut.slice(0, SHOWN_LEFT_OUT).map(({ summary, reason }, place) => (
              <li key={place}>
                {summary}
                <Box component="span" sx={{ color: 'text.secondary' }}>
                  {': '}
                  {reason}
                </Box>
              </li>
            ))}
            {leftOut.length > SHOWN_LEFT_OUT && (
              <li>and {(leftOut.length - SHOWN_LEFT_OUT).toLocaleString('en')} more</li>
            )}
          </Box>
        </Box>
      )}
    </Box>
  );
}

const listStyle = {
  m: 0,
  pl: 2.5,
  display: 'grid',
  gap: 0.25,
  fontSize: '0.8438rem',
  overflowWrap: 'anywhere',
} as const;
