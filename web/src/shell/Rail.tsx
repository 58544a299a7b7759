import CalendarViewWeekIcon from '@mui/icons-material/CalendarViewWeek';
import CategoryIcon from '@mui/icons-material/Category';
import ChecklistIcon from '@mui/icons-material/Checklist';
import CompareArrowsIcon from '@mui/icons-material/CompareArrows';
import DnsIcon from '@mui/icons-material/Dns';
import EventBusyIcon from '@mui/icons-material/EventBusy';
import EventNoteIcon from '@mui/icons-material/EventNote';
import FactCheckIcon from '@mui/icons-material/FactCheck';
import HistoryIcon from '@mui/icons-material/History';
import InsightsIcon from '@mui/icons-material/Insights';
import ReportIcon from '@mui/icons-material/ReportGmailerrorred';
import SpaceDashboardIcon from '@mui/icons-material/SpaceDashboard';
import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';
import { NavLink } from 'react-router';

import { SERIF } from '../theme.ts';

const SECTIONS = [
  {
    title: 'Work',
    links: [
      { to: '/', text: 'Overview', icon: SpaceDashboardIcon },
      { to: '/tasks', text: 'Tasks', icon: ChecklistIcon },
      { to: '/schedule', text: 'Schedule', icon: EventNoteIcon },
      { to: '/runs', text: 'Runs', icon: HistoryIcon },
      { to: '/calendars', text: 'Calendars', icon: EventBusyIcon },
      { to: '/dead-letters', text: 'Dead letters', icon: ReportIcon },
      { to: '/ledger', text: 'Ledger', icon: FactCheckIcon },
    ],
  },
  {
    title: 'Capacity',
    links: [
      { to: '/forecast', text: 'Forecast', icon: InsightsIcon },
      { to: '/load', text: 'Load', icon: CalendarViewWeekIcon },
      { to: '/counterfactual', text: 'Counterfactual', icon: CompareArrowsIcon },
      { to: '/task-types', text: 'Task types', icon: CategoryIcon },
      { to: '/instances', text: 'Instances', icon: DnsIcon },
    ],
  },
] as const;

interface RailProps {
  readonly compact: boolean;
  readonly onNavigate?: () => void;
}

/** Where one can go; `compact` leaves the icons, whose words are then their tooltips. */
export function Rail({ compact, onNavigate }: RailProps) {
  return (
    <Box component="nav" aria-label="Main" sx={{ color: 'rail.text', px: compact ? 1 : 1.5, py: 2 }}>
      <Wordmark compact={compact} />
      {SECTIONS.map((section) => (
        <Box key={section.title} sx={{ mt: 2.5 }}>
          {!compact && <Box sx={{ px: 1.25, pb: 0.5, typography: 'overline', opacity: 0.85 }}>{section.title}</Box>}
          <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 0.25 }}>
            {section.links.map(({ to, text, icon: Icon }) => (
              <li key={to}>
                <Tooltip title={compact ? text : ''} placement="right" describeChild={false}>
                  <Box
                    component={NavLink}
                    to={to}
                    end={to === '/'}
                    onClick={onNavigate}
                    sx={railLink(compact)}
                    {...(compact ? { 'aria-label': text } : {})}
                  >
                    <Icon sx={{ fontSize: 20 }} aria-hidden />
                    {!compact && <span>{text}</span>}
                  </Box>
                </Tooltip>
              </li>
            ))}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

function Wordmark({ compact }: { readonly compact: boolean }) {
  return (
    <Box
      component={NavLink}
      to="/"
      aria-label="Almanac, overview"
      sx={{
        display: 'flex',
        alignItems: 'center',
        justifyContent: compact ? 'center' : 'flex-start',
        gap: 1.25,
        px: compact ? 0 : 1.25,
        py: 0.5,
        color: 'rail.active',
        textDecoration: 'none',
        borderRadius: 1,
        '&:focus-visible': { outline: '2px solid', outlineColor: 'rail.mark' },
      }}
    >
      <Box component="svg" viewBox="0 0 28 20" aria-hidden sx={{ width: 28, height: 20, color: 'rail.mark' }}>
        <path d="M6 14.500a8 8 0 0 1 16 0z" fill="currentColor" />
        <path
          d="M14 .8v3M4.600 4.600l2.100 2.100M23.400 4.600l-2.100 2.100"
          stroke="currentColor"
          strokeWidth="1.800"
          strokeLinecap="round"
        />
        <path d="M1 14.500h26M6.500 18.500h15" stroke="#fff" strokeWidth="1.800" strokeLinecap="round" />
      </Box>
      {!compact && (
        <Box component="span" sx={{ fontFamily: SERIF, fontSize: '1.45rem', fontWeight: 600, letterSpacing: '0.01em' }}>
          Almanac
        </Box>
      )}
    </Box>
  );
}

function railLink(compact: boolean) {
  return {
    display: 'flex',
    alignItems: 'center',
    justifyContent: compact ? 'center' : 'flex-start',
    gap: 1.5,
    minHeight: 40,
    px: 1.25,
    borderRadius: 0.9,
    color: 'rail.text',
    textDecoration: 'none',
    fontSize: '0.9rem',
    fontWeight: 550,
    '&:hover': { bgcolor: 'rgba(255,255,255,0.07)' },
    '&:focus-visible': { outline: '2px solid', outlineColor: 'rail.mark' },
    '&.active': { color: 'rail.active', bgcolor: 'rgba(255,255,255,0.12)' },
    '&.active svg': { color: 'rail.mark' },
  } as const;
}
