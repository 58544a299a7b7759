import type { OverlapItem } from '../api/shapes.ts';
import { Clipped } from '../components/Clipped.tsx';
import type { ResourceColumn } from '../components/ResourceGrid.tsx';
import { StatusMark } from '../components/StatusMark.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { TwoLines } from '../components/TwoLines.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { When } from '../time/When.tsx';
import { basisWords, perDayWords, ratioWords, trendWords } from './overlapWords.ts';

export const overlapColumns: readonly ResourceColumn<OverlapItem>[] = [
  {
    field: 'taskName',
    headerName: 'Task',
    rowHeader: true,
    flex: 1.2,
    minWidth: 150,
    sortable: false,
    renderCell: ({ row }) => (
      <TwoLines
        first={
          <TextLink to={`/tasks/${row.taskId}`} strong>
            {row.taskName}
          </TextLink>
        }
        second={row.taskType}
      />
    ),
  },
  {
    field: 'severity',
    headerName: 'State',
    width: 112,
    sortable: false,
    renderCell: ({ row }) => <StatusMark status={row.severity} />,
  },
  {
    field: 'periodMs',
    headerName: 'Every',
    width: 120,
    sortable: false,
    minWindow: 900,
    renderCell: ({ row }) =>
      row.periodMs.smallest === row.periodMs.typical ? (
        formatDuration(row.periodMs.smallest)
      ) : (
        <TwoLines
          first={`${formatDuration(row.periodMs.smallest)} at least`}
          second={`${formatDuration(row.periodMs.typical)} mostly`}
        />
      ),
  },
  {
    field: 'p95Ms',
    headerName: 'p95',
    width: 150,
    sortable: false,
    renderCell: ({ row }) => <TwoLines first={formatDuration(row.p95Ms)} second={basisWords(row)} />,
  },
  {
    field: 'ratio',
    headerName: 'Of the gap',
    width: 100,
    sortable: false,
    renderCell: ({ row }) => ratioWords(row.ratio),
  },
  {
    field: 'trend',
    headerName: 'Trend',
    width: 150,
    sortable: false,
    minWindow: 1_200,
    renderCell: ({ row }) =>
      row.crossesAt === null ? (
        trendWords(row)
      ) : (
        <TwoLines
          first={trendWords(row)}
          second={
            <>
              overlaps from <When at={row.crossesAt} show="absolute" />
            </>
          }
        />
      ),
  },
  {
    field: 'overlapsPerDay',
    headerName: 'A day',
    width: 90,
    sortable: false,
    minWindow: 900,
    renderCell: ({ row }) => perDayWords(row.overlapsPerDay),
  },
  {
    field: 'consequence',
    headerName: 'Then',
    flex: 1.3,
    minWidth: 160,
    sortable: false,
    minWindow: 1_200,
    renderCell: ({ row }) => <Clipped text={row.consequence} />,
  },
];
