import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { QueryClientProvider } from '@tanstack/react-query';
import { BrowserRouter } from 'react-router';

import { LiveProvider } from './api/live.tsx';
import { queryClient } from './api/queryClient.ts';
import { ToastProvider } from './components/Toasts.tsx';
import { AppRoutes } from './routes.tsx';
import { theme } from './theme.ts';
import { ZoneProvider } from './time/ZoneContext.tsx';

export function App() {
  return (
    <ThemeProvider theme={theme} defaultMode="system" modeStorageKey="almanac-mode" disableTransitionOnChange>
      <CssBaseline enableColorScheme />
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <ZoneProvider>
            <LiveProvider>
              <ToastProvider>
                <AppRoutes />
              </ToastProvider>
            </LiveProvider>
          </ZoneProvider>
        </BrowserRouter>
      </QueryClientProvider>
    </ThemeProvider>
  );
}
