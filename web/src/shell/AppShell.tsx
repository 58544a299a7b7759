import Box from '@mui/material/Box';
import Drawer from '@mui/material/Drawer';
import LinearProgress from '@mui/material/LinearProgress';
import useMediaQuery from '@mui/material/useMediaQuery';
import { Suspense, useState } from 'react';
import { Outlet, useLocation } from 'react-router';

import { PageErrorBoundary } from './PageErrorBoundary.tsx';
import { Rail } from './Rail.tsx';
import { TopBar } from './TopBar.tsx';

const RAIL_PX = 216;
const NARROW_RAIL_PX = 68;

/** The frame of every page: rail, top bar, and the page itself. Under 900 px the rail is a drawer. */
export function AppShell() {
  const withRail = useMediaQuery('(min-width:900px)', { noSsr: true });
  const wide = useMediaQuery('(min-width:1200px)', { noSsr: true });
  const [drawerOpen, setDrawerOpen] = useState(false);
  const { pathname } = useLocation();
  const railPx = wide ? RAIL_PX : NARROW_RAIL_PX;

  return (
    <Box sx={{ display: 'flex', minHeight: '100dvh' }}>
      <SkipLink />
      {withRail ? (
        <Box sx={{ width: railPx, flex: 'none', bgcolor: 'rail.background' }}>
          <Box sx={{ position: 'fixed', inset: '0 auto 0 0', width: railPx, bgcolor: 'rail.background' }}>
            <Rail compact={!wide} />
          </Box>
        </Box>
      ) : (
        <Drawer
          open={drawerOpen}
          onClose={() => setDrawerOpen(false)}
          slotProps={{ paper: { sx: { width: RAIL_PX + 24, bgcolor: 'rail.background', border: 0 } } }}
        >
          <Rail compact={false} onNavigate={() => setDrawerOpen(false)} />
        </Drawer>
      )}
      <Box sx={{ flex: 1, minWidth: 0, display: 'flex', flexDirection: 'column' }}>
        <TopBar {...(withRail ? {} : { onMenu: () => setDrawerOpen(true) })} />
        <Box
          component="main"
          id="content"
          tabIndex={-1}
          sx={{
            flex: 1,
            width: '100%',
            maxWidth: 1480,
            mx: 'auto',
            px: { xs: 2, sm: 3 },
            pt: { xs: 1.5, sm: 2.5 },
            pb: 6,
            outline: 'none',
          }}
        >
          <PageErrorBoundary key={pathname}>
            <Suspense fallback={<LinearProgress aria-label="Loading the page" />}>
              <Outlet />
            </Suspense>
          </PageErrorBoundary>
        </Box>
      </Box>
    </Box>
  );
}

function SkipLink() {
  return (
    <Box
      component="a"
      href="#content"
      sx={{
        position: 'absolute',
        left: 8,
        top: -48,
        zIndex: 2_000,
        p: 1,
        borderRadius: 1,
        bgcolor: 'background.paper',
        '&:focus': { top: 8 },
      }}
    >
      Skip to the content
    </Box>
  );
}
