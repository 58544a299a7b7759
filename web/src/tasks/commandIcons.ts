import ContentCopyIcon from '@mui/icons-material/ContentCopy';
import DeleteIcon from '@mui/icons-material/Delete';
import DoNotDisturbOnIcon from '@mui/icons-material/DoNotDisturbOn';
import EditIcon from '@mui/icons-material/Edit';
import PauseIcon from '@mui/icons-material/Pause';
import PlayArrowIcon from '@mui/icons-material/PlayArrow';
import ReplayIcon from '@mui/icons-material/Replay';
import RestartAltIcon from '@mui/icons-material/RestartAlt';

import type { TaskCommand } from './taskCommandList.ts';

export const COMMAND_ICONS = {
  run: PlayArrowIcon,
  edit: EditIcon,
  pause: PauseIcon,
  activate: RestartAltIcon,
  deactivate: DoNotDisturbOnIcon,
  backfill: ReplayIcon,
  duplicate: ContentCopyIcon,
  delete: DeleteIcon,
} as const satisfies Record<TaskCommand, unknown>;
