import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** What to say where there is nothing: what would be here, and the one thing to do about it. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <Box sx={{ textAlign: 'center', py: 6, px: 3, display: 'grid', justifyItems: 'center', gap: 1 }}>
      <Horizon />
      <Typography variant="h2" component="p">
        {title}
      </Typography>
      {children !== undefined && (
        <Typography variant="body2" component="div" sx={{ color: 'text.secondary', maxWidth: 480 }}>
          {children}
        </Typography>
      )}
      {action !== undefined && <Box sx={{ mt: 1 }}>{action}</Box>}
    </Box>
  );
}

function Horizon() {
  return (
    <Box component="svg" viewBox="0 0 96 40" aria-hidden sx={{ width: 96, height: 40, color: 'divider', mb: 0.5 }}>
      <path d="M32 31a16 16 0 0 1 32 0" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M6 31h84M20 37h56" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path d="M48 4v5M26 12l4 4M70 12l-4 4" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </Box>
  );
}
