import Box from '@mui/material/Box';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import TableSortLabel from '@mui/material/TableSortLabel';
import Tooltip from '@mui/material/Tooltip';
import { useSearchParams } from 'react-router';

import { useTaskSummary, useTaskTypes } from '../api/system.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { TwoLines } from '../components/TwoLines.tsx';
import { formatDuration } from '../time/formatInstant.ts';
import { TaskTypeChart } from './TaskTypeChart.tsx';
import { type RankedType, rankTypes, TYPE_ORDERS, type TypeOrder } from './typeRanking.ts';

interface Measure {
  readonly text: string;
  readonly hint: string;
  readonly of: (type: RankedType) => number;
  readonly format: (value: number) => string;
}

const count = (value: number) => value.toLocaleString('en');
const MEASURES: Readonly<Record<TypeOrder, Measure>> = {
  average: {
    text: 'Average',
    hint: 'Execution time alone, successful runs. Capacity follows it.',
    of: (type) => type.averageElapsedMs,
    format: formatDuration,
  },
  p95: {
    text: 'p95',
    hint: 'Nineteen of twenty runs are faster. Lateness follows it.',
    of: (type) => type.p95Ms ?? 0,
    format: formatDuration,
  },
  total: {
    text: 'Total',
    hint: 'Average times runs: the execution time of the year.',
    of: (type) => type.totalMs,
    format: formatDuration,
  },
  runs: { text: 'Runs', hint: 'Successful runs over the past year.', of: (type) => type.runs, format: count },
  failures: {
    text: 'Failures',
    hint: 'Failed attempts over the past year.',
    of: (type) => type.failures,
    format: count,
  },
};

/** How long each kind of work takes, the slowest or costliest first. */
export function TaskTypesPage() {
  const [search, setSearch] = useSearchParams();
  const order = TYPE_ORDERS.find((one) => one === search.get('order')) ?? 'average';
  const setOrder = (next: TypeOrder) => setSearch(next === 'average' ? {} : { order: next }, { replace: true });
  const summary = useTaskSummary();
  const types = useTaskTypes().data?.items ?? [];
  const measure = MEASURES[order];
  return (
    <>
      <PageHeader
        title="Task types"
        lead="How long each kind of work takes, over the past year: where the bottlenecks are."
      />
      <QueryView query={summary} what="the task types" skeletonHeight={360}>
        {({ items }) => {
          const ranked = rankTypes(items, types, order);
          if (ranked.length === 0) return <EmptyState title="No task types yet" />;
          return (
            <Box sx={{ display: 'grid', gap: 2.5 }}>
              <Panel title={`${measure.text} per type`} note={measure.hint}>
                <Box aria-hidden>
                  <TaskTypeChart types={ranked} measureOf={measure.of} format={measure.format} />
                </Box>
              </Panel>
              <Panel title="All figures" flush>
                <TypeTable types={ranked} order={order} onOrder={setOrder} />
              </Panel>
            </Box>
          );
        }}
      </QueryView>
    </>
  );
}

interface TypeTableProps {
  readonly types: readonly RankedType[];
  readonly order: TypeOrder;
  readonly onOrder: (order: TypeOrder) => void;
}

function TypeTable({ types, order, onOrder }: TypeTableProps) {
  const heading = (one: TypeOrder) => (
    <TableCell align="right" sortDirection={order === one ? 'desc' : false}>
      <Tooltip title={MEASURES[one].hint}>
        <TableSortLabel active={order === one} direction="desc" onClick={() => onOrder(one)}>
          {MEASURES[one].text}
        </TableSortLabel>
      </Tooltip>
    </TableCell>
  );
  return (
    <TableContainer tabIndex={0} role="region" aria-label="Figures per task type">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Type</TableCell>
            {heading('average')}
            <TableCell align="right">p50</TableCell>
            {heading('p95')}
            {heading('total')}
            <TableCell align="right">Share</TableCell>
            {heading('runs')}
            {heading('failures')}
          </TableRow>
        </TableHead>
        <TableBody>
          {types.map((type) => (
            <TableRow key={type.taskType} hover>
              <TableCell component="th" scope="row">
                <TwoLines
                  first={
                    <TextLink to={`/runs?taskType=${encodeURIComponent(type.taskType)}`} strong>
                      {type.title}
                    </TextLink>
                  }
                  second={type.taskType}
                />
              </TableCell>
              <TableCell align="right">
                {formatDuration(type.averageElapsedMs)}
                {type.estimated && (
                  <Box sx={{ color: 'text.secondary', fontSize: '0.7188rem' }}>declared, no runs yet</Box>
                )}
              </TableCell>
              <TableCell align="right">{type.p50Ms === null ? '\u2013' : formatDuration(type.p50Ms)}</TableCell>
              <TableCell align="right">{type.p95Ms === null ? '\u2013' : formatDuration(type.p95Ms)}</TableCell>
              <TableCell align="right">{type.runs === 0 ? '\u2013' : formatDuration(type.totalMs)}</TableCell>
              <TableCell align="right">{(100 * type.share).toFixed(1)} %</TableCell>
              <TableCell align="right">{count(type.runs)}</TableCell>
              <TableCell align="right">
                {count(type.failures)}
                {type.failureRatio !== null && type.failures > 0 && (
                  <Box sx={{ color: 'text.secondary', fontSize: '0.7188rem' }}>
                    {(100 * type.failureRatio).toFixed(1)} %
                  </Box>
                )}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
