import CheckIcon from '@mui/icons-material/Check';
import DarkModeIcon from '@mui/icons-material/DarkMode';
import LightModeIcon from '@mui/icons-material/LightMode';
import SettingsBrightnessIcon from '@mui/icons-material/SettingsBrightness';
import IconButton from '@mui/material/IconButton';
import ListItemIcon from '@mui/material/ListItemIcon';
import ListItemText from '@mui/material/ListItemText';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import { useColorScheme } from '@mui/material/styles';
import { useState } from 'react';

const SCHEMES = [
  { mode: 'light', text: 'Light', icon: LightModeIcon },
  { mode: 'dark', text: 'Dark', icon: DarkModeIcon },
  { mode: 'system', text: 'As the system', icon: SettingsBrightnessIcon },
] as const;

/** Light, dark, or whatever the system says. */
export function SchemeMenu() {
  const { mode, setMode } = useColorScheme();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const current = SCHEMES.find((scheme) => scheme.mode === mode) ?? SCHEMES[2];
  const Icon = current.icon;
  return (
    <>
      <IconButton
        aria-label={`Colours: ${current.text}`}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Icon fontSize="small" />
      </IconButton>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)}>
        {SCHEMES.map((scheme) => (
          <MenuItem
            key={scheme.mode}
            role="menuitemradio"
            aria-checked={scheme.mode === mode}
            onClick={() => {
              setMode(scheme.mode);
              setAnchor(null);
            }}
          >
            <ListItemIcon>
              <scheme.icon fontSize="small" />
            </ListItemIcon>
            <ListItemText>{scheme.text}</ListItemText>
            {scheme.mode === mode && <CheckIcon fontSize="small" sx={{ ml: 2 }} />}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
