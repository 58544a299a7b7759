import Box from '@mui/material/Box';

import { MONO } from '../theme.ts';
import { CopyButton } from './CopyButton.tsx';

/** Text as the machine has it, with a button that copies it. */
export function CodeBlock({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <Box>
      <Box sx={{ display: 'flex', alignItems: 'center', justifyContent: 'space-between', mb: 0.5 }}>
        <Box sx={{ typography: 'h3' }}>{label}</Box>
        <CopyButton text={text} what={label} />
      </Box>
      <Box
        component="pre"
        tabIndex={0}
        role="region"
        aria-label={label}
        sx={{
          m: 0,
          p: 1.5,
          borderRadius: 1,
          bgcolor: 'action.hover',
          fontFamily: MONO,
          fontSize: '0.7812rem',
          lineHeight: 1.55,
          overflow: 'auto',
          maxHeight: 360,
          whiteSpace: 'pre-wrap',
          overflowWrap: 'anywhere',
        }}
      >
        {text}
      </Box>
    </Box>
  );
}
