import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useSearchParams } from 'react-router';

import type { Counterfactual } from '../api/shapes.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { Facts } from '../components/Facts.tsx';
import { changeListUrl } from '../components/listUrl.ts';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { CounterfactualChart } from './CounterfactualChart.tsx';
import { CounterfactualTable } from './CounterfactualTable.tsx';
import { comparisonSentence, shareText, signedText, strongestQueue } from './counterfactualWords.ts';
import { useCounterfactual } from './useCounterfactual.ts';

/** A recorded day, and what an autoscaler that looks at the queue would have made of it. */
export function CounterfactualPage() {
  const [search, setSearch] = useSearchParams();
  const day = search.get('day') ?? undefined;
  const change = (changes: Record<string, string | undefined>) =>
    setSearch((current) => changeListUrl(current, changes), { replace: true });
  const answer = useCounterfactual(day);
  return (
    <>
      <PageHeader
        title="Counterfactual"
        lead="The same day with an autoscaler that looks at the length of the queue."
        actions={
          <TextField
            type="date"
            size="small"
            label="UTC day"
            value={day ?? ''}
            onChange={(event) => change({ day: event.target.value === '' ? undefined : event.target.value })}
            slotProps={{ inputLabel: { shrink: true } }}
          />
        }
      />
      <QueryView query={answer} what="the comparison" skeletonHeight={420}>
        {(data) => <Comparison answer={data} drawn={search.get('draw')} onDraw={(draw) => change({ draw })} />}
      </QueryView>
    </>
  );
}

interface ComparisonProps {
  readonly answer: Counterfactual;
  readonly drawn: string | null;
  readonly onDraw: (name: string) => void;
}

function Comparison({ answer, drawn, onDraw }: ComparisonProps) {
  const queue = answer.sides.find(({ kind, name }) => kind === 'queue' && name === drawn) ?? strongestQueue(answer);
  if (queue === undefined) {
    return (
      <EmptyState title="Nothing was due">
        No run of this day is recorded. Choose another day, or look at the <TextLink to="/forecast">forecast</TextLink>.
      </EmptyState>
    );
  }
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <Panel
        title="Replicas that take work"
        note={
          <>
            <When at={answer.from} show="absolute" /> until <When at={answer.until} show="absolute" />, the most of each{' '}
            {formatDuration(answer.stepMs)}.
          </>
        }
      >
        <Typography variant="body1" sx={{ mb: 1.5 }}>
          {comparisonSentence(answer, queue)}
        </Typography>
        <CounterfactualChart answer={answer} queue={queue} />
      </Panel>
      <Panel title="Side by side" note="Delay from the due time to the start. All but the first are simulated." flush>
        <CounterfactualTable answer={answer} drawn={queue.name} onDraw={onDraw} />
      </Panel>
      <Panel
        title="How far to trust it"
        note="The plan as simulated, less what happened, is the error of the simulation."
      >
        <Facts facts={factsOf(answer)} />
      </Panel>
    </Box>
  );
}

function factsOf({ simulatorError, startUp, recordedShare, foretoldShare, leadTimeMs, ...limits }: Counterfactual) {
  const source = startUp.samples === 0 ? 'as configured' : `${startUp.samples} measured`;
  return [
    ['Error within 10 s', signedText(simulatorError?.inTimePoints ?? null, 'points', 2)],
    ['Error of ready minutes', signedText(percent(simulatorError?.readyReplicaMinutesShare), '%')],
    ['Replicas recorded', `${shareText(recordedShare)} of the time`],
    ['Foretold', `${shareText(foretoldShare)} of the starts; the plan does not see the others beforehand`],
    ['Start-up', `${formatDuration(startUp.p50Ms)}, p95 ${formatDuration(startUp.p95Ms)} (${source}), for all alike`],
    ['Plan asks ahead', formatDuration(leadTimeMs)],
    [
      'Limits',
      `${limits.minReplicas} to ${limits.maxReplicas} replicas of ${limits.slotsPerReplica} slots, for all alike`,
    ],
  ] as const;
}

function percent(share: number | null | undefined): number | null {
  return share === null || share === undefined ? null : 100 * share;
}
