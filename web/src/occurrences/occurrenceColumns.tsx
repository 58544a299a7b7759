import type { Occurrence } from '../api/shapes.ts';
import { Clipped } from '../components/Clipped.tsx';
import type { ResourceColumn } from '../components/ResourceGrid.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { TwoLines } from '../components/TwoLines.tsx';
import { When } from '../time/When.tsx';
import { tookText } from './OccurrenceTable.tsx';
import { TRIGGER_WORDS } from './triggerWords.ts';

export const occurrenceColumns: readonly ResourceColumn<Occurrence>[] = [
  {
    field: 'scheduledTime',
    headerName: 'Scheduled',
    rowHeader: true,
    width: 150,
    renderCell: ({ row }) => (
      <TextLink to={`/occurrences/${row.id}`} strong>
        <When at={row.scheduledTime} seconds stacked />
      </TextLink>
    ),
  },
  {
    field: 'taskName',
    headerName: 'Task',
    flex: 1.2,
    minWidth: 150,
    sortable: false,
    renderCell: ({ row }) => (
      <TwoLines
        first={<TextLink to={`/tasks/${row.taskId}`}>{row.taskName}</TextLink>}
        second={[row.taskType, TRIGGER_WORDS[row.trigger].short].filter((word) => word !== '').join(' \u00b7 ')}
      />
    ),
  },
  {
    field: 'status',
    headerName: 'Status',
    width: 130,
    sortable: false,
    renderCell: ({ row }) => <StatusMark status={row.status} title={row.reason} />,
  },
  {
    field: 'startTime',
    headerName: 'Started',
    width: 150,
    sortable: false,
    minWindow: 1_200,
    renderCell: ({ row }) => <When at={row.startTime} show="absolute" seconds />,
  },
  {
    field: 'took',
    headerName: 'Took',
    type: 'number',
    width: 92,
    sortable: false,
    minWindow: 1_200,
    renderCell: ({ row }) => tookText(row),
  },
  { field: 'attempt', headerName: 'Attempts', type: 'number', width: 90, sortable: false, minWindow: 1_536 },
  {
    field: 'reason',
    headerName: 'Reason',
    flex: 1.6,
    minWidth: 180,
    sortable: false,
    minWindow: 900,
    renderCell: ({ row }) => <Clipped text={row.reason} lines={2} />,
  },
];
