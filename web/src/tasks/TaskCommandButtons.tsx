import MoreVertIcon from '@mui/icons-material/MoreVert';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import ListItemIcon from '@mui/material/ListItemIcon';
import ListItemText from '@mui/material/ListItemText';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { useState } from 'react';

import type { Task } from '../api/shapes.ts';
import { COMMAND_ICONS } from './commandIcons.ts';
import { taskCommandsFor } from './taskCommandList.ts';
import type { RunTaskCommand } from './useTaskCommands.tsx';

/** The commands of one task outside the grid: two buttons and a menu. */
export function TaskCommandButtons({ task, onCommand }: { readonly task: Task; readonly onCommand: RunTaskCommand }) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const commands = taskCommandsFor(task);
  return (
    <>
      {commands
        .filter(({ first }) => first)
        .map(({ command, text }) => {
          const Icon = COMMAND_ICONS[command];
          return (
            <Button key={command} variant="outlined" startIcon={<Icon />} onClick={() => onCommand(command, task)}>
              {text}
            </Button>
          );
        })}
      <IconButton
        aria-label={`More for ${task.name}`}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <MoreVertIcon />
      </IconButton>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)}>
        {commands
          .filter(({ first }) => !first)
          .map(({ command, text }) => {
            const Icon = COMMAND_ICONS[command];
            return (
              <MenuItem
                key={command}
                onClick={() => {
                  setAnchor(null);
                  onCommand(command, task);
                }}
              >
                <ListItemIcon>
                  <Icon fontSize="small" />
                </ListItemIcon>
                <ListItemText>{text}</ListItemText>
              </MenuItem>
            );
          })}
      </Menu>
    </>
  );
}
