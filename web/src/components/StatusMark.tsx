import AutorenewIcon from '@mui/icons-material/Autorenew';
import BlockIcon from '@mui/icons-material/Block';
import CancelIcon from '@mui/icons-material/Cancel';
import CheckCircleIcon from '@mui/icons-material/CheckCircle';
import ErrorIcon from '@mui/icons-material/Error';
import HelpIcon from '@mui/icons-material/Help';
import HourglassEmptyIcon from '@mui/icons-material/HourglassEmpty';
import PauseCircleIcon from '@mui/icons-material/PauseCircle';
import PlayCircleIcon from '@mui/icons-material/PlayCircle';
import RemoveCircleIcon from '@mui/icons-material/RemoveCircle';
import ScheduleIcon from '@mui/icons-material/Schedule';
import SkipNextIcon from '@mui/icons-material/SkipNext';
import StopCircleIcon from '@mui/icons-material/StopCircle';
import TimerOffIcon from '@mui/icons-material/TimerOff';
import Box from '@mui/material/Box';
import type SvgIcon from '@mui/material/SvgIcon';

interface Look {
  readonly word: string;
  readonly icon: typeof SvgIcon;
  readonly color: string;
}

const LOOKS: Readonly<Record<string, Look>> = {
  // occurrences
  Scheduled: { word: 'Scheduled', icon: ScheduleIcon, color: 'info.main' },
  Queued: { word: 'Queued', icon: HourglassEmptyIcon, color: 'info.main' },
  Running: { word: 'Running', icon: AutorenewIcon, color: 'primary.main' },
  Completed: { word: 'Completed', icon: CheckCircleIcon, color: 'success.main' },
  Failed: { word: 'Failed', icon: ErrorIcon, color: 'error.main' },
  Skipped: { word: 'Skipped', icon: SkipNextIcon, color: 'text.secondary' },
  Expired: { word: 'Expired', icon: TimerOffIcon, color: 'warning.main' },
  Cancelled: { word: 'Cancelled', icon: CancelIcon, color: 'text.secondary' },
  // runs
  succeeded: { word: 'Succeeded', icon: CheckCircleIcon, color: 'success.main' },
  failed: { word: 'Failed', icon: ErrorIcon, color: 'error.main' },
  'timed-out': { word: 'Timed out', icon: TimerOffIcon, color: 'error.main' },
  interrupted: { word: 'Interrupted', icon: StopCircleIcon, color: 'warning.main' },
  lost: { word: 'Lost', icon: HelpIcon, color: 'warning.main' },
  cancelled: { word: 'Cancelled', icon: CancelIcon, color: 'text.secondary' },
  // tasks
  active: { word: 'Active', icon: PlayCircleIcon, color: 'success.main' },
  paused: { word: 'Paused', icon: PauseCircleIcon, color: 'warning.main' },
  inactive: { word: 'Inactive', icon: RemoveCircleIcon, color: 'text.secondary' },
  // instances
  starting: { word: 'Starting', icon: HourglassEmptyIcon, color: 'info.main' },
  ready: { word: 'Ready', icon: CheckCircleIcon, color: 'success.main' },
  draining: { word: 'Draining', icon: StopCircleIcon, color: 'warning.main' },
  // health and scale decisions
  ok: { word: 'OK', icon: CheckCircleIcon, color: 'success.main' },
  degraded: { word: 'Degraded', icon: ErrorIcon, color: 'warning.main' },
  down: { word: 'Down', icon: ErrorIcon, color: 'error.main' },
  applied: { word: 'Applied', icon: CheckCircleIcon, color: 'success.main' },
  held: { word: 'Held', icon: BlockIcon, color: 'text.secondary' },
  advised: { word: 'Advised', icon: HelpIcon, color: 'info.main' },
  ordered: { word: 'Ordered', icon: PlayCircleIcon, color: 'info.main' },
  // overlaps
  overlapping: { word: 'Overlaps', icon: ErrorIcon, color: 'error.main' },
  near: { word: 'Near', icon: HourglassEmptyIcon, color: 'warning.main' },
  watch: { word: 'Watch', icon: ScheduleIcon, color: 'info.main' },
};

/** A state as icon, word and colour; never as colour alone. */
export function StatusMark({ status, title }: { readonly status: string; readonly title?: string | null }) {
  const look = LOOKS[status] ?? { word: status, icon: HelpIcon, color: 'text.secondary' };
  const Icon = look.icon;
  return (
    <Box
      component="span"
      title={title ?? undefined}
      sx={{ display: 'inline-flex', alignItems: 'center', gap: 0.75, whiteSpace: 'nowrap', verticalAlign: 'middle' }}
    >
      <Icon sx={{ fontSize: 17, color: look.color }} aria-hidden />
      <span>{look.word}</span>
    </Box>
  );
}
