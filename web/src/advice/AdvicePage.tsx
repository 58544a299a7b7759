import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import { useState } from 'react';

import { useAdvice, useAppliedAdvice } from '../api/advice.ts';
import type { Advice } from '../api/shapes.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { AdviceChart } from './AdviceChart.tsx';
import { adviceSentence, chosenMoves, count } from './adviceWords.ts';
import { AppliedList } from './AppliedList.tsx';
import { ApplyDialog } from './ApplyDialog.tsx';
import { MoveList } from './MoveList.tsx';

const HOURS = [1, 3, 6, 24];

/** Smoothing: what could be moved for a lower peak, to be chosen from, and what was moved, to be taken back. */
export function AdvicePage() {
  const [hours, setHours] = useState(3);
  const advice = useAdvice(hours);
  const applied = useAppliedAdvice();
  return (
    <>
      <PageHeader
        title="Smooth the peaks"
        lead={
          <>
            Which flexible tasks to move, by how much, for which smaller peak of the{' '}
            <TextLink to="/forecast">forecast</TextLink>.
          </>
        }
        actions={
          <ToggleButtonGroup
            exclusive
            size="small"
            aria-label="How far ahead"
            value={hours}
            onChange={(_event, chosen: number | null) => {
              if (chosen !== null) setHours(chosen);
            }}
          >
            {HOURS.map((value) => (
              <ToggleButton key={value} value={value}>
                {value} h
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
        }
      />
      <Box sx={{ display: 'grid', gap: 2.5 }}>
        <QueryView query={advice} what="the advice" skeletonHeight={360}>
          {(data) => <AdviceView key={`${data.now} ${hours}`} advice={data} hours={hours} />}
        </QueryView>
        <Panel title="Applied" note="The last ten. What was applied can be taken back." flush>
          <QueryView query={applied} what="what was applied" inset>
            {(data) => <AppliedList items={data.items} />}
          </QueryView>
        </Panel>
      </Box>
    </>
  );
}

function AdviceView({ advice, hours }: { readonly advice: Advice; readonly hours: number }) {
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set());
  const [taken, setTaken] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const moves = chosenMoves(advice, leftOut, taken);
  if (advice.before.peak === 0) {
    return (
      <Panel title="Instances">
        <EmptyState title="Nothing falls due">
          There is no work in the coming {count(hours, 'hour')}, so there is no peak.
        </EmptyState>
      </Panel>
    );
  }
  const nothing = advice.moves.length + advice.suggestions.length === 0;
  return (
    <>
      <Panel
        title="Instances"
        note={adviceSentence(advice)}
        action={
          !nothing && (
            <Button variant="contained" disabled={moves.length === 0} onClick={() => setAsking(true)}>
              Apply {count(moves.length, 'move')}
            </Button>
          )
        }
      >
        <Figures advice={advice} />
        <AdviceChart advice={advice} />
      </Panel>
      {advice.moves.length > 0 && (
        <Panel
          title="Moves"
          note="Tasks that may start anywhere in their flexible window. On the right the peak when a move and all above it are made."
          flush
        >
          <MoveList
            label="Moves"
            moves={advice.moves}
            asks={false}
            isChosen={(id) => !leftOut.has(id)}
            onChoose={(id, chosen) => setLeftOut(changed(leftOut, id, !chosen))}
          />
        </Panel>
      )}
      {advice.suggestions.length > 0 && (
        <Panel
          title="Suggestions"
          action={
            <Button
              size="small"
              onClick={() =>
                setTaken(taken.size > 0 ? new Set() : new Set(advice.suggestions.map(({ taskId }) => taskId)))
              }
            >
              {taken.size > 0 ? 'Take none' : 'Take all'}
            </Button>
          }
          note="Tasks without a flexible window. Their owners would have to let them start later: only what is ticked gets one."
          flush
        >
          <MoveList
            label="Suggestions"
            moves={advice.suggestions}
            asks
            isChosen={(id) => taken.has(id)}
            onChoose={(id, chosen) => setTaken(changed(taken, id, chosen))}
          />
        </Panel>
      )}
      {asking && (
        <ApplyDialog
          input={{ hours, pool: advice.pool, moves }}
          windows={advice.suggestions.filter(({ taskId }) => taken.has(taskId)).length}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function changed(ids: ReadonlySet<string>, id: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(ids);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
}

/** Peak and instance time of each line of the chart. */
function Figures({ advice }: { readonly advice: Advice }) {
  const sides = [
    { text: 'As it is', side: advice.before },
    ...(advice.moves.length > 0 ? [{ text: 'With all moves', side: advice.after }] : []),
    ...(advice.suggestions.length > 0 ? [{ text: 'With the suggestions, too', side: advice.withSuggestions }] : []),
  ];
  return (
    <Box component="dl" sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 4, rowGap: 1, m: 0, mb: 1 }}>
      {sides.map(({ text, side }) => (
        <Box key={text}>
          <Box component="dt" sx={{ typography: 'caption', color: 'text.secondary' }}>
            {text}
          </Box>
          <Box component="dd" sx={{ m: 0, typography: 'body1', fontWeight: 600 }}>
            peak {side.peak}
            <Box component="span" sx={{ typography: 'caption', color: 'text.secondary', ml: 1, fontWeight: 400 }}>
              {Math.round(side.replicaMinutes).toLocaleString('en')} instance minutes planned
            </Box>
          </Box>
        </Box>
      ))}
    </Box>
  );
}
