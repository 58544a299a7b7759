import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useParams } from 'react-router';

import { ApiError } from '../api/client.ts';
import { useOccurrence, useOccurrenceAction, useOccurrenceRuns } from '../api/occurrences.ts';
import type { Occurrence } from '../api/shapes.ts';
import { useTask } from '../api/tasks.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { Facts } from '../components/Facts.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { useToast } from '../components/Toasts.tsx';
import { AttemptPanel } from '../runs/AttemptPanel.tsx';
import { zoneOfTask } from '../tasks/zoneOfTask.ts';
import { When } from '../time/When.tsx';
import { TRIGGER_WORDS } from './triggerWords.ts';

export function OccurrencePage() {
  const { id = '' } = useParams();
  return <OccurrenceView id={id} openAttempt={null} />;
}

interface OccurrenceViewProps {
  readonly id: string;
  /** The attempt that was asked for; null opens the latest. */
  readonly openAttempt: number | null;
}

/** One occurrence and each attempt at it, the latest first. */
export function OccurrenceView({ id, openAttempt }: OccurrenceViewProps) {
  const occurrence = useOccurrence(id);
  const runs = useOccurrenceRuns(id);
  const task = useTask(occurrence.data?.taskId ?? '', occurrence.data !== undefined);
  const zone = task.data === undefined ? null : zoneOfTask(task.data);

  if (occurrence.error instanceof ApiError && [400, 404, 422].includes(occurrence.error.status)) {
    return (
      <EmptyState title="There is no such occurrence" action={<TextLink to="/schedule">The schedule</TextLink>}>
        It may be older than what is kept.
      </EmptyState>
    );
  }
  return (
    <>
      <PageHeader
        title={occurrence.data?.taskName ?? 'Occurrence'}
        lead={
          occurrence.data === undefined ? (
            'Loading\u2026'
          ) : (
            <Box component="span" sx={{ display: 'inline-flex', flexWrap: 'wrap', gap: 1.5, alignItems: 'center' }}>
              <StatusMark status={occurrence.data.status} />
              <span>
                scheduled for <When at={occurrence.data.scheduledTime} zone={zone} seconds />
              </span>
              <TextLink to={`/tasks/${occurrence.data.taskId}`}>Show the task</TextLink>
              <TextLink
                to={`/tasks/${occurrence.data.taskId}?why=${encodeURIComponent(occurrence.data.scheduledTime)}`}
              >
                Why?
              </TextLink>
            </Box>
          )
        }
        actions={occurrence.data !== undefined && <OccurrenceActions occurrence={occurrence.data} />}
      />
      <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: '1fr', lg: '4fr 8fr' }, alignItems: 'start' }}>
        <QueryView query={occurrence} what="the occurrence">
          {(data) => <OccurrenceFacts occurrence={data} zone={zone} />}
        </QueryView>
        <Box sx={{ display: 'grid', gap: 2.5, minWidth: 0 }}>
          <QueryView query={runs} what="its attempts" skeletonHeight={280}>
            {({ items }) => {
              const latestFirst = [...items].sort((one, other) => other.attempt - one.attempt);
              const opened = openAttempt ?? latestFirst[0]?.attempt;
              if (latestFirst.length === 0) return <NotStarted />;
              return latestFirst.map((run) => (
                <AttemptPanel key={run.id} run={run} zone={zone} startsOpen={run.attempt === opened} />
              ));
            }}
          </QueryView>
        </Box>
      </Box>
    </>
  );
}

function OccurrenceFacts({ occurrence, zone }: { readonly occurrence: Occurrence; readonly zone: string | null }) {
  const { reason, status, dueAt, blockedBy } = occurrence;
  return (
    <Panel title="Occurrence">
      {reason !== null && (
        <Alert
          severity={status === 'Failed' ? 'error' : 'info'}
          variant="outlined"
          sx={{ mb: 2, overflowWrap: 'anywhere' }}
        >
          {reason}
        </Alert>
      )}
      <Facts
        facts={[
          ['Type', occurrence.taskType],
          ['Scheduled', <When key="scheduled" at={occurrence.scheduledTime} zone={zone} show="absolute" seconds />],
          ...(dueAt === null || dueAt === occurrence.scheduledTime
            ? []
            : ([
                [occurrence.attempt === 0 ? 'Due' : 'Due again', <When key="due" at={dueAt} zone={zone} seconds />],
              ] as const)),
          ['Started', <When key="started" at={occurrence.startTime} zone={zone} show="absolute" seconds />],
          ['Ended', <When key="ended" at={occurrence.endTime} zone={zone} show="absolute" seconds />],
          ['Came from', TRIGGER_WORDS[occurrence.trigger].from],
          ...(blockedBy === null
            ? []
            : ([['In its way', <Blocker key="blocker" id={blockedBy} zone={zone} />]] as const)),
          ['Attempts', String(occurrence.attempt)],
          ['Held by', occurrence.lockedBy ?? 'nobody'],
          ['Number', <code key="id">{occurrence.id}</code>],
        ]}
      />
    </Panel>
  );
}

/** The run of the same task that it was skipped for, or waits for. */
function Blocker({ id, zone }: { readonly id: string; readonly zone: string | null }) {
  const ms = Number(/-(\d+)$/.exec(id)?.[1]);
  return (
    <TextLink to={`/occurrences/${id}`}>
      {Number.isNaN(ms) ? id : <When at={new Date(ms).toISOString()} zone={zone} show="absolute" seconds />}
    </TextLink>
  );
}

const ACTIONS = {
  Failed: { action: 'redriveOccurrence', text: 'Redrive', done: 'It is scheduled again.' },
  Scheduled: { action: 'cancelOccurrence', text: 'Cancel this occurrence', done: 'It is cancelled.' },
  Queued: { action: 'cancelOccurrence', text: 'Cancel this occurrence', done: 'It is cancelled.' },
  Running: {
    action: 'cancelOccurrence',
    text: 'Ask it to stop',
    done: 'It is asked to stop, and is Cancelled as soon as it has.',
  },
} as const;

function OccurrenceActions({ occurrence }: { readonly occurrence: Occurrence }) {
  const act = useOccurrenceAction();
  const toast = useToast();
  const { status } = occurrence;
  if (!(status in ACTIONS)) return null;
  const { action, text, done } = ACTIONS[status as keyof typeof ACTIONS];
  return (
    <Button
      variant="outlined"
      loading={act.isPending}
      onClick={() =>
        act.mutate(
          { id: occurrence.id, action },
          {
            onSuccess: () => toast({ severity: 'success', message: done }),
            onError: (error) => toast({ severity: 'error', message: error.message }),
          },
        )
      }
    >
      {text}
    </Button>
  );
}

function NotStarted() {
  return (
    <Panel title="Attempts">
      <Box sx={{ color: 'text.secondary' }}>It has not been started yet; its attempts and their logs will be here.</Box>
    </Panel>
  );
}
