import Box from '@mui/material/Box';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

/** A link to another page. `strong` is for the one that names its row. */
export function TextLink({ to, strong = false, children }: { to: string; strong?: boolean; children: ReactNode }) {
  return (
    <Box
      component={Link}
      to={to}
      sx={{
        color: strong ? 'text.primary' : 'primary.main',
        fontWeight: strong ? 600 : 500,
        textDecorationLine: 'underline',
        textDecorationColor: 'transparent',
        textUnderlineOffset: '0.2em',
        overflow: 'hidden',
        textOverflow: 'ellipsis',
        '&:hover, &:focus-visible': { textDecorationColor: 'currentColor' },
      }}
    >
      {children}
    </Box>
  );
}
