import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import type { ReactNode } from 'react';

import { useDeadLetterCount, useHealth, useReplicas } from '../api/system.ts';
import { useTasks } from '../api/tasks.ts';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';

/** The first thing to look at: is every part well, and is anything waiting for a person. */
export function HealthStrip() {
  const health = useHealth();
  const replicas = useReplicas();
  const letters = useDeadLetterCount();
  const active = useTasks({ status: 'active', limit: 1, page: 0 });
  const { data } = health;
  const troubled = Object.entries(data?.checks ?? {}).filter(([, { status }]) => status !== 'ok');
  return (
    <Paper
      variant="outlined"
      component="section"
      aria-label="Health"
      sx={{
        display: 'grid',
        gridTemplateColumns: { xs: '1fr 1fr', md: 'repeat(4, 1fr)' },
        '& > *': { borderColor: 'divider' },
        '& > :nth-of-type(even)': { borderLeft: 1, borderColor: 'divider' },
        '& > :nth-of-type(n+3)': { borderTop: { xs: 1, md: 0 }, borderColor: { xs: 'divider', md: 'divider' } },
        '& > :nth-of-type(3)': { borderLeft: { md: 1 }, borderColor: { md: 'divider' } },
      }}
    >
      <Figure
        name="System"
        failed={health.isError}
        value={data === undefined ? undefined : <StatusMark status={data.status} />}
        note={
          troubled.length > 0
            ? troubled.map(([name, { detail }]) => `${name}: ${detail ?? 'down'}`).join('; ')
            : data !== undefined && servicesText(data.services)
        }
      />
      <Figure
        name="Instances ready"
        failed={replicas.isError}
        value={replicas.data?.ready.toLocaleString('en')}
        note={
          replicas.data !== undefined &&
          `${replicas.data.replicas ?? '?'} wanted, at most ${replicas.data.limit ?? '?'}`
        }
      />
      <Figure
        name="Active tasks"
        failed={active.isError}
        value={active.data?.total.toLocaleString('en')}
        note={<TextLink to="/tasks?status=active">Show them</TextLink>}
      />
      <Figure
        name="Dead letters"
        failed={letters.isError}
        value={letters.data?.matched.toLocaleString('en')}
        note={
          letters.data?.matched === 0 ? 'Nothing waits for you.' : <TextLink to="/dead-letters">Look at them</TextLink>
        }
      />
    </Paper>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: ReactNode;
  readonly note: ReactNode;
  readonly failed: boolean;
}

function Figure({ name, value, note, failed }: FigureProps) {
  return (
    <Box sx={{ px: 2, py: 1.5, minWidth: 0 }}>
      <Box sx={{ color: 'text.secondary', typography: 'caption' }}>{name}</Box>
      <Box sx={{ fontSize: '1.3rem', fontWeight: 650, lineHeight: 1.35 }}>
        {value ?? (failed ? 'Not known' : <Skeleton width={64} />)}
      </Box>
      <Box sx={{ color: 'text.secondary', typography: 'caption', overflowWrap: 'anywhere' }}>{note}</Box>
    </Box>
  );
}

function servicesText(services: Readonly<Record<string, number>>): string {
  const names = Object.entries(services).filter(([, count]) => count > 0);
  return names.length === 0 ? 'no service has reported' : `${names.length} services alive`;
}
