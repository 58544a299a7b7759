import type { Run } from '../api/shapes.ts';
import { Clipped } from '../components/Clipped.tsx';
import type { ResourceColumn } from '../components/ResourceGrid.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { TwoLines } from '../components/TwoLines.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';

export const runColumns: readonly ResourceColumn<Run>[] = [
  {
    field: 'taskName',
    headerName: 'Task',
    rowHeader: true,
    flex: 1.2,
    minWidth: 160,
    sortable: false,
    renderCell: ({ row }) => (
      <TwoLines
        first={
          <TextLink to={`/runs/${row.id}`} strong>
            {row.taskName}
          </TextLink>
        }
        second={row.taskType}
      />
    ),
  },
  {
    field: 'outcome',
    headerName: 'Outcome',
    width: 128,
    sortable: false,
    renderCell: ({ row }) => <StatusMark status={row.outcome ?? 'Running'} title={row.error} />,
  },
  {
    field: 'startedAt',
    headerName: 'Started',
    width: 140,
    sortable: false,
    renderCell: ({ row }) => <When at={row.startedAt} seconds stacked />,
  },
  {
    field: 'latenessMs',
    headerName: 'Late by',
    type: 'number',
    width: 96,
    sortable: false,
    minWindow: 900,
    renderCell: ({ row }) => formatDuration(Math.max(0, row.latenessMs)),
  },
  {
    field: 'elapsedMs',
    headerName: 'Took',
    type: 'number',
    width: 100,
    sortable: false,
    renderCell: ({ row }) => (row.elapsedMs === null ? '\u2013' : formatDuration(row.elapsedMs)),
  },
  { field: 'attempt', headerName: 'Attempt', type: 'number', width: 84, sortable: false, minWindow: 900 },
  {
    field: 'processor',
    headerName: 'Processor',
    width: 170,
    sortable: false,
    minWindow: 1_536,
    renderCell: ({ row }) => row.processor ?? '\u2013',
  },
  {
    field: 'error',
    headerName: 'Error',
    flex: 1,
    minWidth: 140,
    sortable: false,
    minWindow: 1_200,
    renderCell: ({ row }) => <Clipped text={row.error} />,
  },
];
