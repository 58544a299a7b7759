import AddIcon from '@mui/icons-material/Add';
import Button from '@mui/material/Button';
import type { GridSortModel } from '@mui/x-data-grid';
import { useMemo } from 'react';
import { Link, Outlet, useLocation } from 'react-router';

import { TASK_SORTS, TaskListQuery } from '../../../api/contract/task.ts';
import { useTaskTypes } from '../api/system.ts';
import { useTasks } from '../api/tasks.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { type Facet, FacetBar } from '../components/FacetBar.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { ResourceGrid } from '../components/ResourceGrid.tsx';
import { StaleBanner } from '../components/StaleBanner.tsx';
import { useListUrl } from '../components/useListUrl.ts';
import { TaskCard } from './TaskCard.tsx';
import { taskColumns } from './taskColumns.tsx';
import { useTaskCommands } from './useTaskCommands.tsx';

/** Every task, searched, filtered, sorted and paged by the server. */
export function TaskListPage() {
  const { query, dropped, change } = useListUrl(TaskListQuery);
  const { page = 0, limit = 25, sort = '-id' } = query;
  const tasks = useTasks({ ...query, page, limit, sort });
  const commands = useTaskCommands();
  const facets = useTaskFacets(query);
  const columns = useMemo(() => taskColumns(commands.run), [commands.run]);
  const filtered = facets.some(({ value }) => value !== undefined) || query.q !== undefined;

  return (
    <>
      <PageHeader title="Tasks" lead="What is to run, and when." actions={<NewTaskButton />} />
      <FacetBar
        search={{ label: 'Search by name', value: query.q ?? '' }}
        facets={facets}
        dropped={dropped}
        onChange={change}
      />
      {tasks.isError && tasks.data === undefined ? (
        <ErrorPanel error={tasks.error} what="the tasks" retry={() => void tasks.refetch()} />
      ) : (
        <>
          {tasks.isError && (
            <StaleBanner dataMs={tasks.dataUpdatedAt} error={tasks.error} retry={() => void tasks.refetch()} />
          )}
          <ResourceGrid
            noun="tasks"
            columns={columns}
            rows={tasks.data?.items}
            rowId={(task) => task.id}
            rowClassName={(task) => (task.status === 'active' ? '' : 'quiet')}
            sort={{ model: sortModelOf(sort), onChange: (model) => change({ sort: sortOf(model) }) }}
            paging={{
              kind: 'numbered',
              page,
              pageSize: limit,
              total: tasks.data?.total ?? 0,
              onPage: (next) => change({ page: next === 0 ? undefined : next }),
              onPageSize: (next) => change({ limit: next }),
            }}
            renderCard={(task) => <TaskCard task={task} onCommand={commands.run} />}
            empty={filtered ? <NothingMatches onClear={() => change(NO_FILTERS)} /> : <NoTasks />}
          />
        </>
      )}
      {commands.dialogs}
      <Outlet />
    </>
  );
}

const NO_FILTERS = { q: undefined, status: undefined, taskType: undefined, scheduleKind: undefined, label: undefined };

function useTaskFacets(query: Partial<TaskListQuery>): readonly Facet[] {
  const types = useTaskTypes().data?.items;
  return useMemo(
    () => [
      {
        name: 'status',
        label: 'Status',
        value: query.status,
        options: [
          { value: 'active', text: 'Active' },
          { value: 'paused', text: 'Paused' },
          { value: 'inactive', text: 'Inactive' },
        ],
      },
      {
        name: 'taskType',
        label: 'Type',
        value: query.taskType,
        options: (types ?? []).map(({ name }) => ({ value: name, text: name })),
      },
      {
        name: 'scheduleKind',
        label: 'Schedule',
        value: query.scheduleKind,
        options: [
          { value: 'cron', text: 'Recurring, by cron' },
          { value: 'interval', text: 'Recurring, by interval' },
          { value: 'once', text: 'Once' },
          { value: 'immediate', text: 'At once' },
        ],
      },
      { name: 'label', label: 'Label', value: query.label, placeholder: 'experiment=E-12' },
    ],
    [query.status, query.taskType, query.scheduleKind, query.label, types],
  );
}

function NewTaskButton() {
  const { pathname, search } = useLocation();
  return (
    <Button
      component={Link}
      to={{ pathname: '/tasks/new', search }}
      state={{ backTo: pathname + search }}
      variant="contained"
      startIcon={<AddIcon />}
    >
      New task
    </Button>
  );
}

function NoTasks() {
  return (
    <EmptyState title="No tasks yet" action={<NewTaskButton />}>
      A task says what to run and when: at once, at a time, or again and again.
    </EmptyState>
  );
}

function NothingMatches({ onClear }: { readonly onClear: () => void }) {
  return (
    <EmptyState
      title="No task matches these filters"
      action={
        <Button variant="outlined" onClick={onClear}>
          Clear filters
        </Button>
      }
    >
      There are tasks, but the search or a filter above hides them all.
    </EmptyState>
  );
}

function sortModelOf(sort: string): GridSortModel {
  const field = sort.replace(/^-/, '');
  return field === 'id' ? [] : [{ field, sort: sort.startsWith('-') ? 'desc' : 'asc' }];
}

function sortOf(model: GridSortModel): string | undefined {
  const [first] = model;
  const asked = first === undefined ? undefined : `${first.sort === 'desc' ? '-' : ''}${first.field}`;
  return TASK_SORTS.find((sort) => sort === asked);
}
