import { lazy } from 'react';
import { Route, Routes } from 'react-router';

import { AppShell } from './shell/AppShell.tsx';
import { NotFoundPage } from './shell/NotFoundPage.tsx';

// Each page is its own download: the grid and the chart are larger than everything else together.
const OverviewPage = lazy(async () => ({ default: (await import('./overview/OverviewPage.tsx')).OverviewPage }));
const TaskListPage = lazy(async () => ({ default: (await import('./tasks/TaskListPage.tsx')).TaskListPage }));
const TaskFormDialog = lazy(async () => ({ default: (await import('./tasks/TaskFormDialog.tsx')).TaskFormDialog }));
const TaskPage = lazy(async () => ({ default: (await import('./tasks/TaskPage.tsx')).TaskPage }));
const RunListPage = lazy(async () => ({ default: (await import('./runs/RunListPage.tsx')).RunListPage }));
const RunPage = lazy(async () => ({ default: (await import('./runs/RunPage.tsx')).RunPage }));
const SchedulePage = lazy(async () => ({ default: (await import('./occurrences/SchedulePage.tsx')).SchedulePage }));
const OccurrencePage = lazy(async () => ({
  default: (await import('./occurrences/OccurrencePage.tsx')).OccurrencePage,
}));
const ForecastPage = lazy(async () => ({ default: (await import('./forecast/ForecastPage.tsx')).ForecastPage }));
const LoadPage = lazy(async () => ({ default: (await import('./load/LoadPage.tsx')).LoadPage }));
const CounterfactualPage = lazy(async () => ({
  default: (await import('./counterfactual/CounterfactualPage.tsx')).CounterfactualPage,
}));
const AdvicePage = lazy(async () => ({ default: (await import('./advice/AdvicePage.tsx')).AdvicePage }));
const TaskTypesPage = lazy(async () => ({ default: (await import('./taskTypes/TaskTypesPage.tsx')).TaskTypesPage }));
const DeadLetterListPage = lazy(async () => ({
  default: (await import('./deadLetters/DeadLetterListPage.tsx')).DeadLetterListPage,
}));
const CalendarListPage = lazy(async () => ({
  default: (await import('./calendars/CalendarListPage.tsx')).CalendarListPage,
}));
const CalendarPage = lazy(async () => ({ default: (await import('./calendars/CalendarPage.tsx')).CalendarPage }));
const LedgerPage = lazy(async () => ({ default: (await import('./ledger/LedgerPage.tsx')).LedgerPage }));
const InstancesPage = lazy(async () => ({ default: (await import('./instances/InstancesPage.tsx')).InstancesPage }));

export function AppRoutes() {
  return (
    <Routes>
      <Route element={<AppShell />}>
        <Route index element={<OverviewPage />} />
        <Route path="tasks" element={<TaskListPage />}>
          <Route path="new" element={<TaskFormDialog />} />
          <Route path=":taskId/edit" element={<TaskFormDialog />} />
        </Route>
        <Route path="tasks/:taskId" element={<TaskPage />} />
        <Route path="schedule" element={<SchedulePage />} />
        <Route path="occurrences/:id" element={<OccurrencePage />} />
        <Route path="runs" element={<RunListPage />} />
        <Route path="runs/:id" element={<RunPage />} />
        <Route path="forecast" element={<ForecastPage />} />
        <Route path="load" element={<LoadPage />} />
        <Route path="counterfactual" element={<CounterfactualPage />} />
        <Route path="forecast/smoothing" element={<AdvicePage />} />
        <Route path="task-types" element={<TaskTypesPage />} />
        <Route path="dead-letters" element={<DeadLetterListPage />} />
        <Route path="calendars" element={<CalendarListPage />} />
        <Route path="calendars/:name" element={<CalendarPage />} />
        <Route path="ledger" element={<LedgerPage />} />
        <Route path="instances" element={<InstancesPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
