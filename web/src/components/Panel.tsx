import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { type ReactNode, useId } from 'react';

interface PanelProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly action?: ReactNode;
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A titled sheet of paper; `flush` lets its content reach the edges. */
export function Panel({ title, note, action, flush = false, children }: PanelProps) {
  const titleId = useId();
  return (
    <Paper component="section" variant="outlined" aria-labelledby={titleId} sx={{ overflow: 'hidden', minWidth: 0 }}>
      <Box
        sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1, px: 2, pt: 1.75, pb: flush ? 1.25 : 1 }}
      >
        <Box sx={{ flex: '1 1 auto', minWidth: 0 }}>
          <Typography id={titleId} variant="h2">
            {title}
          </Typography>
          {note !== undefined && (
            <Typography variant="caption" component="div" sx={{ color: 'text.secondary' }}>
              {note}
            </Typography>
          )}
        </Box>
        {action}
      </Box>
      <Box sx={flush ? null : { px: 2, pb: 2 }}>{children}</Box>
    </Paper>
  );
}
