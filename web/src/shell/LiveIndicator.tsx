import PauseIcon from '@mui/icons-material/Pause';
import PlayArrowIcon from '@mui/icons-material/PlayArrow';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Tooltip from '@mui/material/Tooltip';
import { type QueryCache, useQueryClient } from '@tanstack/react-query';

import { useLive } from '../api/live.tsx';
import { formatDuration, formatRelative } from '../time/formatInstant.ts';
import { clockOffsetMs } from '../time/serverClock.ts';
import { useNow } from '../time/useNow.ts';

/** Whether the page follows the system, was held by hand, or has lost the server; pressing it holds or resumes. */
export function LiveIndicator() {
  const { paused, setPaused } = useLive();
  const nowMs = useNow(); // also what makes this look at the cache again
  const { failing, newestMs } = stateOf(useQueryClient().getQueryCache());
  const look = paused ? LOOKS.paused : failing ? LOOKS.lost : LOOKS.live;
  const Icon = paused ? PlayArrowIcon : PauseIcon;
  return (
    <Tooltip title={<Explanation paused={paused} failing={failing} newestMs={newestMs} nowMs={nowMs} />}>
      <Button
        size="small"
        color="inherit"
        onClick={() => setPaused(!paused)}
        aria-label={`${look.word}. ${paused ? 'Resume updates' : 'Pause updates'}`}
        startIcon={<Box sx={{ width: 9, height: 9, borderRadius: '50%', ...look.dot }} aria-hidden />}
        endIcon={<Icon aria-hidden />}
        sx={{ '& .MuiButton-endIcon': { ml: 0.5 } }}
      >
        {look.word}
      </Button>
    </Tooltip>
  );
}

const LOOKS = {
  live: { word: 'Live', dot: { bgcolor: 'success.main' } },
  paused: { word: 'Paused', dot: { border: 2, borderColor: 'text.secondary' } },
  lost: { word: 'Updates lost', dot: { bgcolor: 'error.main', borderRadius: '2px' } },
} as const;

interface ExplanationProps {
  readonly paused: boolean;
  readonly failing: boolean;
  readonly newestMs: number;
  readonly nowMs: number;
}

function Explanation({ paused, failing, newestMs, nowMs }: ExplanationProps) {
  const age = newestMs === 0 ? 'nothing yet' : (formatRelative(newestMs, nowMs) ?? 'more than a day ago');
  const skewMs = clockOffsetMs();
  return (
    <Box component="span" sx={{ display: 'grid', gap: 0.5 }}>
      <span>
        {paused && 'Held as it is; press to follow again. '}
        {!paused && failing && 'The server does not answer; still trying. '}
        {!paused && !failing && 'The page refreshes by itself every few seconds. '}
        Newest data: {age}.
      </span>
      {skewMs !== 0 && (
        <span>
          This device&rsquo;s clock is {formatDuration(Math.abs(skewMs))} {skewMs > 0 ? 'behind' : 'ahead of'} the
          server&rsquo;s; the server&rsquo;s is shown.
        </span>
      )}
    </Box>
  );
}

function stateOf(cache: QueryCache): { failing: boolean; newestMs: number } {
  const watched = cache.getAll().filter((query) => query.getObserversCount() > 0);
  return {
    failing: watched.some((query) => query.state.fetchFailureCount > 0 || query.state.status === 'error'),
    newestMs: Math.max(0, ...watched.map((query) => query.state.dataUpdatedAt)),
  };
}
