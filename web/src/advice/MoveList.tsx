import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import { useState } from 'react';

import type { AdviceMove } from '../api/shapes.ts';
import { TextLink } from '../components/TextLink.tsx';
import { writeDurationText } from '../tasks/durationText.ts';
import { When } from '../time/When.tsx';
import { moveText } from './adviceWords.ts';

interface MoveListProps {
  readonly label: string;
  readonly moves: readonly AdviceMove[];
  readonly isChosen: (taskId: string) => boolean;
  readonly onChoose: (taskId: string, chosen: boolean) => void;
  /** They have no window yet. */
  readonly asks: boolean;
}

/** Shown before somebody asks for all. */
const SHOWN = 12;

/** Moves with a box to tick, in the order in which they count. */
export function MoveList({ label, moves, isChosen, onChoose, asks }: MoveListProps) {
  const [all, setAll] = useState(false);
  const shown = all ? moves : moves.slice(0, SHOWN);
  return (
    <>
      <Box component="ol" aria-label={label} sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {shown.map((move) => (
          <MoveItem key={move.taskId} move={move} chosen={isChosen(move.taskId)} onChoose={onChoose} asks={asks} />
        ))}
      </Box>
      {moves.length > SHOWN && (
        <Box sx={{ px: 2, py: 1 }}>
          <Button size="small" onClick={() => setAll(!all)}>
            {all ? `Show the first ${SHOWN}` : `Show all ${moves.length}`}
          </Button>
        </Box>
      )}
    </>
  );
}

interface MoveItemProps extends Pick<MoveListProps, 'onChoose' | 'asks'> {
  readonly move: AdviceMove;
  readonly chosen: boolean;
}

function MoveItem({ move, chosen, onChoose, asks }: MoveItemProps) {
  const window = writeDurationText(move.windowMs);
  return (
    <Box
      component="li"
      sx={{
        display: 'grid',
        gridTemplateColumns: 'auto minmax(0, 1fr) auto',
        alignItems: 'center',
        columnGap: 1,
        px: 1,
        py: 0.5,
        borderTop: 1,
        borderColor: 'divider',
      }}
    >
      <Checkbox
        checked={chosen}
        onChange={(_event, checked) => onChoose(move.taskId, checked)}
        slotProps={{ input: { 'aria-label': `Move ${move.taskName}` } }}
      />
      <Box sx={{ minWidth: 0 }}>
        <Box sx={{ display: 'flex', minWidth: 0 }}>
          <TextLink to={`/tasks/${move.taskId}`} strong>
            {move.taskName}
          </TextLink>
        </Box>
        <Box sx={{ typography: 'caption', color: 'text.secondary' }}>
          {moveText(move)}; {asks ? `asks for a window of ${window}` : `window ${window}`}; away from{' '}
          <When at={move.peakAt} show="absolute" />
        </Box>
      </Box>
      <Box sx={{ textAlign: 'right', pr: 1, typography: 'caption', color: 'text.secondary', whiteSpace: 'nowrap' }}>
        peak then{' '}
        <Box component="strong" sx={{ color: 'text.primary' }}>
          {move.peakAfter}
        </Box>
      </Box>
    </Box>
  );
}
