import ExpandMoreIcon from '@mui/icons-material/ExpandMore';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Collapse from '@mui/material/Collapse';
import { type ReactNode, useId, useState } from 'react';

interface FoldedFieldsProps {
  readonly title: string;
  /** What is set inside, in a few words; shown while it is folded. */
  readonly summary: string;
  /** There is something inside that a person has to see, such as an error. */
  readonly mustOpen: boolean;
  readonly children: ReactNode;
}

/** Fields that few need, folded away under a line that says what they hold. */
export function FoldedFields({ title, summary, mustOpen, children }: FoldedFieldsProps) {
  const id = useId();
  const [opened, setOpened] = useState(false);
  const open = opened || mustOpen;
  return (
    <Box sx={{ border: 1, borderColor: 'divider', borderRadius: 1 }}>
      <ButtonBase
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpened(!open)}
        sx={{
          width: '100%',
          px: 1.5,
          py: 1,
          gap: 1,
          justifyContent: 'flex-start',
          textAlign: 'left',
          fontFamily: 'inherit',
          borderRadius: 1,
          '&:focus-visible': { outline: '2px solid', outlineColor: 'primary.main' },
        }}
      >
        <ExpandMoreIcon
          aria-hidden
          fontSize="small"
          sx={{ transform: open ? 'none' : 'rotate(-90deg)', transition: 'transform 120ms' }}
        />
        <Box sx={{ minWidth: 0 }}>
          <Box component="span" sx={{ fontWeight: 600, fontSize: '0.875rem' }}>
            {title}
          </Box>
          {!open && (
            <Box component="span" sx={{ color: 'text.secondary', fontSize: '0.8125rem', ml: 1 }}>
              {summary}
            </Box>
          )}
        </Box>
      </ButtonBase>
      <Collapse in={open} id={id} timeout={0}>
        <Box sx={{ display: 'grid', gap: 2, px: 1.5, pt: 1, pb: 2 }}>{children}</Box>
      </Collapse>
    </Box>
  );
}
