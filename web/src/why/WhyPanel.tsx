import NavigateBeforeIcon from '@mui/icons-material/NavigateBefore';
import NavigateNextIcon from '@mui/icons-material/NavigateNext';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';

import { useWhy } from '../api/accounts.ts';
import type { Task } from '../api/shapes.ts';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { formatOffset } from '../time/formatInstant.ts';
import { readWallTime } from '../time/readWallTime.ts';
import { serverNowMs } from '../time/serverClock.ts';
import { instantToWallTime } from '../time/wallTime.ts';
import { useZone } from '../time/ZoneContext.tsx';
import { WhyAnswer } from './WhyAnswer.tsx';

interface WhyPanelProps {
  readonly task: Task;
  readonly zone: string | null;
}

/** For any instant, past or future: whether the task runs then, and which rule says so. `?why=` in the address is the instant. */
export function WhyPanel({ task, zone }: WhyPanelProps) {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('why');
  const valid = asked !== null && !Number.isNaN(Date.parse(asked));
  // Without one the next run is explained; it stays while that run comes and goes.
  const [first] = useState(
    () => task.nextRuns[0] ?? new Date(Math.floor(serverNowMs() / 60_000) * 60_000).toISOString(),
  );
  const at = valid ? asked : first;
  const ask = (next: string) => {
    setSearch(
      (current) => {
        const changed = new URLSearchParams(current);
        changed.set('why', next);
        return changed;
      },
      { replace: true, preventScrollReset: true },
    );
  };
  const why = useWhy(task.id, at);
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (asked !== null) element.current?.scrollIntoView({ block: 'nearest' });
  }, [asked]);
  return (
    <Box ref={element} sx={{ scrollMarginTop: 72, minWidth: 0 }}>
      <Panel title="Why?" note="Choose any instant, past or to come, and see which rule decides.">
        <Box sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
          <InstantField at={at} zone={zone} onAsk={ask} />
          <QueryView query={why} what="the explanation" skeletonHeight={180}>
            {(data) => (
              <>
                <Neighbours previous={data.previous} next={data.next} onAsk={ask} />
                <WhyAnswer why={data} zone={zone} />
              </>
            )}
          </QueryView>
        </Box>
      </Panel>
    </Box>
  );
}

interface InstantFieldProps {
  readonly at: string;
  readonly zone: string | null;
  readonly onAsk: (at: string) => void;
}

function InstantField({ at, zone, onAsk }: InstantFieldProps) {
  const shownZone = useZone(zone);
  const asked = instantToWallTime(Date.parse(at), shownZone);
  const [text, setText] = useState(asked);
  const [shown, setShown] = useState(asked);
  if (shown !== asked) {
    // Another instant was chosen beside the field, or another zone to say it in.
    setShown(asked);
    setText(asked);
  }
  const reading = readWallTime(text, shownZone);
  const submit = () => {
    if (reading.at !== undefined && text !== asked) onAsk(reading.at);
  };
  return (
    <Box
      component="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      sx={{ display: 'flex', gap: 1, alignItems: 'flex-start', mt: 1 }}
    >
      <TextField
        type="datetime-local"
        label="At"
        value={text}
        onChange={(event) => setText(event.target.value)}
        error={reading.problem !== undefined}
        helperText={reading.problem ?? `${shownZone} (${formatOffset(Date.parse(reading.at), shownZone)})`}
        slotProps={{ inputLabel: { shrink: true }, htmlInput: { step: 1 } }}
      />
      <Button type="submit" variant="outlined" disabled={reading.at === undefined} sx={{ flex: 'none', mt: 0.25 }}>
        Explain
      </Button>
    </Box>
  );
}

interface NeighboursProps {
  readonly previous: string | null;
  readonly next: string | null;
  readonly onAsk: (at: string) => void;
}

function Neighbours({ previous, next, onAsk }: NeighboursProps) {
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, justifyContent: 'space-between' }}>
      <Button
        size="small"
        startIcon={<NavigateBeforeIcon />}
        disabled={previous === null}
        onClick={() => {
          if (previous !== null) onAsk(previous);
        }}
      >
        The time before
      </Button>
      <Button
        size="small"
        endIcon={<NavigateNextIcon />}
        disabled={next === null}
        onClick={() => {
          if (next !== null) onAsk(next);
        }}
      >
        The time after
      </Button>
    </Box>
  );
}
