import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import type { ReactNode } from 'react';

import { useLedger } from '../api/accounts.ts';
import { useDeadLetterCount, useHealth, useReplicas } from '../api/system.ts';
import { useTasks } from '../api/tasks.ts';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { ledgerWindow } from '../ledger/ledgerWindows.ts';
import { useNow } from '../time/useNow.ts';

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
        gridTemplateColumns: { xs: '1fr 1fr', md: 'repeat(5, 1fr)' },
        // Hairlines between the figures: one row of five, or rows of two with the last over both.
        '& > *': { border: 0, borderStyle: 'solid', borderColor: 'divider' },
        '& > :nth-of-type(even)': { borderLeftWidth: 1 },
        '& > :nth-of-type(n+3)': { borderTopWidth: { xs: 1, md: 0 }, borderLeftWidth: { md: 1 } },
        '& > :nth-of-type(5)': { gridColumn: { xs: '1 / -1', md: 'auto' } },
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
      <Unaccounted />
    </Paper>
  );
}

/** The ledger is recomputed for every answer, and this page is left open all day. */
const QUARTER_MS = 15 * 60_000;

/** Of what the schedules called for since yesterday, what nobody recorded: the one number that has to be 0. */
function Unaccounted() {
  const ledger = useLedger(ledgerWindow('24h', Math.floor(useNow() / QUARTER_MS) * QUARTER_MS));
  const unaccounted = ledger.data?.unaccounted;
  return (
    <Figure
      name="Unaccounted, 24 h"
      failed={ledger.isError}
      value={
        unaccounted === undefined ? undefined : (
          <Box component="span" sx={unaccounted === 0 ? null : { color: 'error.main' }}>
            {unaccounted.toLocaleString('en')}
          </Box>
        )
      }
      note={<TextLink to="/ledger">{unaccounted === 0 ? 'Nothing was lost.' : 'The ledger'}</TextLink>}
    />
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
