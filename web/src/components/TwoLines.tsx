import Box from '@mui/material/Box';
import type { ReactNode } from 'react';

/** Two short lines in one cell: what matters, and what explains it. */
export function TwoLines({ first, second }: { readonly first: ReactNode; readonly second: ReactNode }) {
  return (
    <Box sx={{ minWidth: 0, lineHeight: 1.3 }}>
      <Box sx={line}>{first}</Box>
      <Box sx={{ ...line, color: 'text.secondary', fontSize: '0.7812rem' }}>{second}</Box>
    </Box>
  );
}

const line = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const;
