import { GridActionsCell, GridActionsCellItem } from '@mui/x-data-grid';

import type { Task } from '../api/shapes.ts';
import type { ResourceColumn } from '../components/ResourceGrid.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { TwoLines } from '../components/TwoLines.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { COMMAND_ICONS } from './commandIcons.ts';
import { rawSchedule } from './rawSchedule.ts';
import { taskCommandsFor } from './taskCommandList.ts';
import type { RunTaskCommand } from './useTaskCommands.tsx';
import { zoneOfTask } from './zoneOfTask.ts';

export function taskColumns(onCommand: RunTaskCommand): readonly ResourceColumn<Task>[] {
  return [
    {
      field: 'name',
      headerName: 'Task',
      rowHeader: true,
      flex: 1.4,
      minWidth: 180,
      renderCell: ({ row }) => (
        <TextLink to={`/tasks/${row.id}`} strong>
          {row.name}
        </TextLink>
      ),
    },
    {
      field: 'status',
      headerName: 'Status',
      width: 104,
      sortable: false,
      renderCell: ({ row }) => <StatusMark status={row.status} title={row.statusReason} />,
    },
    { field: 'taskType', headerName: 'Type', width: 160, sortable: false, minWindow: 1_536 },
    {
      field: 'schedule',
      headerName: 'Schedule',
      flex: 1.3,
      minWidth: 190,
      sortable: false,
      minWindow: 900,
      renderCell: ({ row }) => <TwoLines first={row.scheduleText} second={rawSchedule(row)} />,
    },
    {
      field: 'nextRun',
      headerName: 'Next run',
      width: 172,
      renderCell: ({ row }) =>
        row.expandError === null ? (
          <When at={row.nextRuns[0]} zone={zoneOfTask(row)} stacked />
        ) : (
          <StatusMark status="Failed" title={row.expandError} />
        ),
    },
    {
      field: 'lastRun',
      headerName: 'Last result',
      width: 128,
      sortable: false,
      minWindow: 1_200,
      renderCell: ({ row }) => <LastResult task={row} />,
    },
    {
      field: 'averageElapsedMs',
      headerName: 'Average',
      type: 'number',
      width: 92,
      sortable: false,
      minWindow: 1_200,
      renderCell: ({ row }) => (row.averageElapsedMs === null ? '\u2013' : formatDuration(row.averageElapsedMs)),
    },
    {
      field: 'actions',
      type: 'actions',
      headerName: 'Actions',
      width: 132,
      renderCell: (params) => (
        <GridActionsCell {...params}>
          {taskCommandsFor(params.row).map(({ command, text, first }) => {
            const Icon = COMMAND_ICONS[command];
            return first ? (
              <GridActionsCellItem
                key={command}
                icon={<Icon />}
                label={`${text}: ${params.row.name}`}
                onClick={() => onCommand(command, params.row)}
              />
            ) : (
              <GridActionsCellItem
                key={command}
                icon={<Icon />}
                label={text}
                onClick={() => onCommand(command, params.row)}
                showInMenu
              />
            );
          })}
        </GridActionsCell>
      ),
    },
  ];
}

export function LastResult({ task }: { readonly task: Task }) {
  const { lastRun } = task;
  if (lastRun === null) return <span>Has not run yet</span>;
  return (
    <TwoLines
      first={
        <TextLink to={`/occurrences/${lastRun.occurrenceId}`}>
          <StatusMark status={lastRun.status} title={lastRun.error} />
        </TextLink>
      }
      second={<When at={lastRun.endTime} zone={zoneOfTask(task)} show="relative" />}
    />
  );
}
