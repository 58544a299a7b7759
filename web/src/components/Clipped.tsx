import Box from '@mui/material/Box';

/** One line of text in a cell; what does not fit is in its tooltip. */
export function Clipped({ text }: { readonly text: string | null }) {
  return (
    <Box
      component="span"
      title={text ?? undefined}
      sx={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
    >
      {text ?? '\u2013'}
    </Box>
  );
}
