import MenuIcon from '@mui/icons-material/Menu';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Tooltip from '@mui/material/Tooltip';

import { formatClock, formatOffset } from '../time/formatInstant.ts';
import { useNow } from '../time/useNow.ts';
import { useZone, useZoneMode, type ZoneMode } from '../time/ZoneContext.tsx';
import { LiveIndicator } from './LiveIndicator.tsx';
import { SchemeMenu } from './SchemeMenu.tsx';

interface TopBarProps {
  readonly onMenu?: () => void;
}

/** The bar over every page: whose clock is shown, what it says, whether the page is live, light or dark. */
export function TopBar({ onMenu }: TopBarProps) {
  return (
    <Box
      component="header"
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        alignItems: 'center',
        gap: { xs: 0.5, sm: 1.5 },
        px: { xs: 1, sm: 3 },
        minHeight: 56,
        borderBottom: 1,
        borderColor: 'divider',
      }}
    >
      {onMenu !== undefined && (
        <IconButton aria-label="Open the menu" onClick={onMenu}>
          <MenuIcon />
        </IconButton>
      )}
      <Clock />
      <Box sx={{ flex: 1 }} />
      <LiveIndicator />
      <ZoneSwitch />
      <SchemeMenu />
    </Box>
  );
}

function Clock() {
  const zone = useZone();
  const nowMs = useNow();
  return (
    <Box sx={{ display: { xs: 'none', sm: 'block' }, color: 'text.secondary', typography: 'body2' }}>
      <Box component="span" sx={{ color: 'text.primary', fontWeight: 600 }}>
        {formatClock(nowMs, zone, true)}
      </Box>{' '}
      {zone === 'UTC' ? 'UTC' : `${zone} (${formatOffset(nowMs, zone)})`}
    </Box>
  );
}

const ZONES: readonly { readonly mode: ZoneMode; readonly text: string; readonly hint: string }[] = [
  { mode: 'task', text: 'Task', hint: "Times in the task's own zone, where it has one" },
  { mode: 'mine', text: 'Mine', hint: 'All times in the zone of this browser' },
  { mode: 'utc', text: 'UTC', hint: 'All times in UTC' },
];

function ZoneSwitch() {
  const { mode, setMode } = useZoneMode();
  return (
    <ToggleButtonGroup
      exclusive
      size="small"
      aria-label="Whose time zone"
      value={mode}
      onChange={(_event, next: ZoneMode | null) => {
        if (next !== null) setMode(next);
      }}
    >
      {ZONES.map((zone) => (
        <ToggleButton key={zone.mode} value={zone.mode}>
          <Tooltip title={zone.hint}>
            <span>{zone.text}</span>
          </Tooltip>
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
