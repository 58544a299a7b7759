import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import { useNavigate, useParams } from 'react-router';

import { ApiError } from '../api/client.ts';
import { useOccurrences } from '../api/occurrences.ts';
import type { Task } from '../api/shapes.ts';
import { useTask } from '../api/tasks.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { OccurrenceTable } from '../occurrences/OccurrenceTable.tsx';
import { useCurrentMinute } from '../time/useNow.ts';
import { WhyPanel } from '../why/WhyPanel.tsx';
import { HistoryPanel } from './HistoryPanel.tsx';
import { NextRunsPanel } from './NextRunsPanel.tsx';
import { TaskCommandButtons } from './TaskCommandButtons.tsx';
import { TaskDefinition } from './TaskDefinition.tsx';
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
        <NextRunsPanel task={task} zone={zone} />
        <TaskDefinition task={task} zone={zone} />
      </Box>
      <Box sx={{ display: 'grid', gap: 2.5, minWidth: 0 }}>
        <WhyPanel key={task.id} task={task} zone={zone} />
        <RecentOccurrences taskId={task.id} zone={zone} />
        <HistoryPanel taskId={task.id} zone={zone} />
      </Box>
    </Box>
  );
}

function RecentOccurrences({ taskId, zone }: { readonly taskId: string; readonly zone: string | null }) {
  const occurrences = useOccurrences({ taskId, limit: 15, until: useCurrentMinute() });
  return (
    <Panel title="Latest occurrences" action={<TextLink to={`/schedule?taskId=${taskId}`}>All of them</TextLink>} flush>
      <QueryView query={occurrences} what="the occurrences" inset skeletonHeight={280}>
        {(data) => <OccurrenceTable occurrences={data.items} zone={zone} withWhy />}
      </QueryView>
    </Panel>
  );
}
