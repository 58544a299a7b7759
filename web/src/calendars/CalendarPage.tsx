import { useParams } from 'react-router';

import { useCalendarForEdit } from '../api/calendars.ts';
import { ApiError } from '../api/client.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { CalendarEditor } from './CalendarEditor.tsx';

export function CalendarPage() {
  const { name = '' } = useParams();
  const calendar = useCalendarForEdit(name);
  if (calendar.error instanceof ApiError && [404, 422].includes(calendar.error.status)) {
    return (
      <>
        <PageHeader title={name} />
        <EmptyState title="There is no such calendar" action={<TextLink to="/calendars">All calendars</TextLink>} />
      </>
    );
  }
  return (
    <>
      {calendar.data === undefined && <PageHeader title={name} lead={'Loading\u2026'} />}
      <QueryView query={calendar} what="the calendar" skeletonHeight={420}>
        {(data) => (
          <CalendarEditor
            // A calendar that was read anew, after a save or a conflict, starts the page anew.
            key={`${data.calendar.name} ${data.calendar.revision}`}
            calendar={data.calendar}
            etag={data.etag}
            onReload={() => void calendar.refetch()}
          />
        )}
      </QueryView>
    </>
  );
}
