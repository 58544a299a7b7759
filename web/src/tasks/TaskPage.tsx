import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import { useNavigate, useParams } from 'react-router';

import { ApiError } from '../api/client.ts';
import { useOccurrences } from '../api/occurrences.ts';
import type { Task } from '../api/shapes.ts';
import { useTask } from '../api/tasks.ts';
import { CodeBlock } from '../components/CodeBlock.tsx';
import { EmptyState } from '../components/EmptyState.tsx';
import { Facts } from '../components/Facts.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { OccurrenceTable } from '../occurrences/OccurrenceTable.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { useCurrentMinute } from '../time/useNow.ts';
import { When } from '../time/When.tsx';
import { rawSchedule } from './rawSchedule.ts';
import { TaskCommandButtons } from './TaskCommandButtons.tsx';
import { useTaskCommands } from './useTaskCommands.tsx';
import { zoneOfTask } from './zoneOfTask.ts';

export function TaskPage() {
  const { taskId = '' } = useParams();
  const task = useTask(taskId);
  const navigate = useNavigate();
  const commands = useTaskCommands(() => void navigate('/tasks', { replace: true }));

  if (task.error instanceof ApiError && task.error.status === 404) {
    return (
      <EmptyState title="There is no such task" action={<TextLink to="/tasks">All tasks</TextLink>}>
        It may have been deleted. What it did is still among the <TextLink to="/runs">runs</TextLink>.
      </EmptyState>
    );
  }
  return (
    <>
      <PageHeader
        title={task.data?.name ?? 'Task'}
        lead={task.data === undefined ? 'Loading\u2026' : <Lead task={task.data} />}
        actions={task.data !== undefined && <TaskCommandButtons task={task.data} onCommand={commands.run} />}
      />
      <QueryView query={task} what="the task" skeletonHeight={320}>
        {(data) => <TaskBody task={data} />}
      </QueryView>
      {commands.dialogs}
    </>
  );
}

function Lead({ task }: { readonly task: Task }) {
  return (
    <Box component="span" sx={{ display: 'inline-flex', flexWrap: 'wrap', gap: 1.5, alignItems: 'center' }}>
      <StatusMark status={task.status} />
      <span>{task.scheduleText}</span>
      <span>{task.taskType}</span>
    </Box>
  );
}

function TaskBody({ task }: { readonly task: Task }) {
  const zone = zoneOfTask(task);
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: '1fr', lg: '5fr 7fr' }, alignItems: 'start' }}>
      <Box sx={{ display: 'grid', gap: 2.5, minWidth: 0 }}>
        {task.statusReason !== null && <Alert severity="info">{task.statusReason}</Alert>}
        {task.expandError !== null && (
          <Alert severity="error">The schedule can not be expanded: {task.expandError}</Alert>
        )}
        <Panel title="Next runs">
          {task.nextRuns.length === 0 ? (
            <Box sx={{ color: 'text.secondary' }}>
              {task.status === 'paused' && task.pausedUntil !== null ? (
                <>
                  None while it is paused, until <When at={task.pausedUntil} zone={zone} />.
                </>
              ) : (
                'None.'
              )}
            </Box>
          ) : (
            <Box component="ol" sx={{ m: 0, pl: 2.5, display: 'grid', gap: 0.5 }}>
              {task.nextRuns.map((at) => (
                <li key={at}>
                  <When at={at} zone={zone} />
                </li>
              ))}
            </Box>
          )}
        </Panel>
        <Definition task={task} />
      </Box>
      <RecentOccurrences taskId={task.id} zone={zone} />
    </Box>
  );
}

function Definition({ task }: { readonly task: Task }) {
  const { policies, retry } = task;
  return (
    <Panel title="Definition">
      <Facts
        facts={[
          ['Schedule', rawSchedule(task)],
          ['Type', task.taskType],
          ['Pool', task.pool],
          ['Priority', task.priority],
          ['Time limit', task.timeoutMs === null ? 'as the type says' : formatDuration(task.timeoutMs)],
          [
            'Retry',
            retry === null
              ? 'as the type says'
              : `${retry.maxAttempts} attempts, ${retry.backoff}, ${formatDuration(retry.firstDelayMs)} to ${formatDuration(retry.maxDelayMs)}`,
          ],
          ['Overlap', policies.overlap],
          ['Misfire', policies.misfire],
          ['Start expiry', policies.startExpiryMs === null ? 'never' : formatDuration(policies.startExpiryMs)],
          ['Average run', task.averageElapsedMs === null ? 'not known yet' : formatDuration(task.averageElapsedMs)],
          ['Recipients', task.recipients.length === 0 ? 'none' : task.recipients.join(', ')],
          ['Security group', task.securityGroup],
          ...(task.key === null ? [] : ([['Key', task.key]] as const)),
          ['Revision', String(task.revision)],
          ['Created', <When key="created" at={task.createdAt} />],
          ['Changed', <When key="changed" at={task.updatedAt} />],
        ]}
      />
      {Object.keys(task.labels).length > 0 && (
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75, mt: 1.5 }}>
          {Object.entries(task.labels).map(([key, value]) => (
            <Chip key={key} size="small" label={`${key}: ${value}`} />
          ))}
        </Box>
      )}
      <Box sx={{ mt: 2 }}>
        <CodeBlock label="Payload" text={JSON.stringify(task.payload, null, 2)} />
      </Box>
    </Panel>
  );
}

function RecentOccurrences({ taskId, zone }: { readonly taskId: string; readonly zone: string | null }) {
  const occurrences = useOccurrences({ taskId, limit: 15, until: useCurrentMinute() });
  return (
    <Panel title="Latest occurrences" action={<TextLink to={`/schedule?taskId=${taskId}`}>All of them</TextLink>} flush>
      <QueryView query={occurrences} what="the occurrences" inset skeletonHeight={280}>
        {(data) => <OccurrenceTable occurrences={data.items} zone={zone} />}
      </QueryView>
    </Panel>
  );
}
