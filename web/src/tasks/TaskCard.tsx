import Box from '@mui/material/Box';

import type { Task } from '../api/shapes.ts';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { When } from '../time/When.tsx';
import { TaskCommandButtons } from './TaskCommandButtons.tsx';
import type { RunTaskCommand } from './useTaskCommands.tsx';
import { zoneOfTask } from './zoneOfTask.ts';

export function TaskCard({ task, onCommand }: { readonly task: Task; readonly onCommand: RunTaskCommand }) {
  return (
    <Box sx={{ display: 'grid', gap: 0.75, fontSize: '0.8438rem' }}>
      <Box sx={{ display: 'flex', gap: 1, justifyContent: 'space-between', fontSize: '0.9375rem' }}>
        <TextLink to={`/tasks/${task.id}`} strong>
          {task.name}
        </TextLink>
        <StatusMark status={task.status} title={task.statusReason} />
      </Box>
      <Box sx={{ color: 'text.secondary' }}>
        {task.scheduleText} &middot; {task.taskType}
      </Box>
      <Box>
        Next run: <When at={task.nextRuns[0]} zone={zoneOfTask(task)} />
      </Box>
      {task.lastRun !== null && (
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75 }}>
          Last: <StatusMark status={task.lastRun.status} />
          <When at={task.lastRun.endTime} zone={zoneOfTask(task)} show="relative" />
        </Box>
      )}
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
        <TaskCommandButtons task={task} onCommand={onCommand} />
      </Box>
    </Box>
  );
}
