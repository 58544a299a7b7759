import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useState } from 'react';
import { useSearchParams } from 'react-router';

import { useLedger } from '../api/accounts.ts';
import type { Ledger } from '../api/shapes.ts';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { SERIF } from '../theme.ts';
import { serverNowMs } from '../time/serverClock.ts';
import { When } from '../time/When.tsx';
import { LedgerDays } from './LedgerDays.tsx';
import { LedgerProblems } from './LedgerProblems.tsx';
import { LEDGER_WINDOWS, ledgerWindow, type LedgerWindowName } from './ledgerWindows.ts';
import { ledgerSentence } from './ledgerWords.ts';

/** Expected against recorded occurrences: the proof that nothing was lost. */
export function LedgerPage() {
  const [search, setSearch] = useSearchParams();
  const name = LEDGER_WINDOWS.find((one) => one.name === search.get('window'))?.name ?? '24h';
  // Every answer is recomputed from the schedules, so it is asked for when a person wants it, not all the time.
  const [untilMs, setUntilMs] = useState(serverNowMs);
  const ledger = useLedger(ledgerWindow(name, untilMs));
  return (
    <>
      <PageHeader
        title="Ledger"
        lead="What the schedules called for, recomputed from every revision of every task, against what is recorded."
        actions={
          <>
            <Button size="small" onClick={() => setUntilMs(serverNowMs())}>
              {ledger.isFetching ? 'Recomputing\u2026' : 'Recompute'}
            </Button>
            <ToggleButtonGroup
              exclusive
              size="small"
              aria-label="Window"
              value={name}
              onChange={(_event, next: LedgerWindowName | null) => {
                if (next !== null) setSearch(next === '24h' ? {} : { window: next }, { replace: true });
              }}
            >
              {LEDGER_WINDOWS.map((window) => (
                <ToggleButton key={window.name} value={window.name}>
                  {window.text}
                </ToggleButton>
              ))}
            </ToggleButtonGroup>
          </>
        }
      />
      <QueryView query={ledger} what="the ledger" skeletonHeight={320}>
        {(data) => (
          <Box sx={{ display: 'grid', gap: 2.5 }} aria-busy={ledger.isFetching}>
            <Balance ledger={data} />
            {data.problems.length > 0 && (
              <Panel title="Problems" note={data.problems.length === 100 ? 'The first 100.' : undefined} flush>
                <LedgerProblems problems={data.problems} />
              </Panel>
            )}
            <Panel title="Day by day" note="Days of UTC." flush>
              <LedgerDays days={data.days} />
            </Panel>
          </Box>
        )}
      </QueryView>
    </>
  );
}

function Balance({ ledger }: { readonly ledger: Ledger }) {
  const good = ledger.unaccounted === 0;
  return (
    <Paper
      variant="outlined"
      component="section"
      aria-label="Balance"
      sx={{ p: { xs: 2, sm: 3 }, display: 'flex', flexWrap: 'wrap', gap: { xs: 2, sm: 4 }, alignItems: 'center' }}
    >
      <Box sx={{ textAlign: 'center', minWidth: 120 }}>
        <Box
          sx={{
            fontFamily: SERIF,
            fontSize: '3.5rem',
            lineHeight: 1,
            fontWeight: 600,
            color: good ? 'success.main' : 'error.main',
          }}
        >
          {ledger.unaccounted.toLocaleString('en')}
        </Box>
        <Box sx={{ color: 'text.secondary', typography: 'caption', mt: 0.5 }}>unaccounted</Box>
      </Box>
      <Box sx={{ flex: '1 1 320px', minWidth: 0, display: 'grid', gap: 1 }}>
        <Box sx={{ fontSize: '1rem', lineHeight: 1.5 }}>{ledgerSentence(ledger)}</Box>
        <Box sx={{ color: 'text.secondary', fontSize: '0.8438rem' }}>
          From <When at={ledger.from} show="absolute" /> to <When at={ledger.until} show="absolute" />.
        </Box>
        <Statuses ledger={ledger} />
      </Box>
    </Paper>
  );
}

function Statuses({ ledger }: { readonly ledger: Ledger }) {
  const counts = Object.entries(ledger.statuses).filter(([, count]) => count > 0);
  return (
    <Box
      component="ul"
      aria-label="Recorded by status"
      sx={{ listStyle: 'none', m: 0, p: 0, display: 'flex', flexWrap: 'wrap', columnGap: 2.5, rowGap: 0.75 }}
    >
      {counts.map(([status, count]) => (
        <Box component="li" key={status} sx={{ display: 'flex', gap: 0.75, fontSize: '0.8438rem' }}>
          <TextLink
            to={`/schedule?${new URLSearchParams({ status, order: 'desc', from: ledger.from, until: ledger.until }).toString()}`}
            strong
          >
            <StatusMark status={status} />
          </TextLink>
          {count.toLocaleString('en')}
        </Box>
      ))}
    </Box>
  );
}
