import Button from '@mui/material/Button';

import type { DeadLetter } from '../api/shapes.ts';
import { Clipped } from '../components/Clipped.tsx';
import type { ResourceColumn } from '../components/ResourceGrid.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { TwoLines } from '../components/TwoLines.tsx';
import { When } from '../time/When.tsx';

export function deadLetterColumns(onRedrive: (letter: DeadLetter) => void): readonly ResourceColumn<DeadLetter>[] {
  return [
    {
      field: 'taskName',
      headerName: 'Task',
      rowHeader: true,
      flex: 1,
      minWidth: 160,
      sortable: false,
      renderCell: ({ row }) => (
        <TwoLines
          first={
            <TextLink to={`/occurrences/${row.id}`} strong>
              {row.taskName}
            </TextLink>
          }
          second={row.taskType}
        />
      ),
    },
    {
      field: 'error',
      headerName: 'Cause',
      flex: 1.8,
      minWidth: 180,
      sortable: false,
      renderCell: ({ row }) => <Clipped text={row.error ?? row.reason ?? 'No cause was recorded.'} />,
    },
    {
      field: 'failedAt',
      headerName: 'Failed',
      width: 150,
      sortable: false,
      minWindow: 900,
      renderCell: ({ row }) => <When at={row.failedAt} stacked />,
    },
    {
      field: 'scheduledTime',
      headerName: 'Scheduled',
      width: 150,
      sortable: false,
      minWindow: 1_200,
      renderCell: ({ row }) => <When at={row.scheduledTime} show="absolute" />,
    },
    { field: 'attempt', headerName: 'Attempts', type: 'number', width: 90, sortable: false, minWindow: 1_200 },
    {
      field: 'redrive',
      headerName: 'Redrive',
      width: 110,
      sortable: false,
      renderCell: ({ row, tabIndex }) => (
        <Button
          size="small"
          variant="outlined"
          tabIndex={tabIndex}
          aria-label={`Redrive ${row.taskName}`}
          onClick={() => onRedrive(row)}
        >
          Redrive
        </Button>
      ),
    },
  ];
}
