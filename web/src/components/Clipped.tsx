import Box from '@mui/material/Box';

/** One line of text in a cell, or two; what does not fit is in its tooltip. */
export function Clipped({ text, lines = 1 }: { readonly text: string | null; readonly lines?: 1 | 2 }) {
  return (
    <Box
      component="span"
      title={text ?? undefined}
      sx={
        lines === 1
          ? { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }
          : {
              display: '-webkit-box',
              WebkitLineClamp: 2,
              WebkitBoxOrient: 'vertical',
              overflow: 'hidden',
              whiteSpace: 'normal',
              lineHeight: 1.35,
              fontSize: '0.7812rem',
            }
      }
    >
      {text ?? '\u2013'}
    </Box>
  );
}
