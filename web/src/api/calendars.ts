import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { call, callWithEtag } from './call.ts';
import { usePollMs } from './live.tsx';
import { queryKeys } from './queryKeys.ts';
import type { CalendarInput } from './shapes.ts';

export function useCalendars() {
  return useQuery({
    queryKey: [...queryKeys.calendars, 'list'],
    queryFn: ({ signal }) => call('listCalendars', { signal }),
    refetchInterval: usePollMs(10_000),
  });
}

/** A calendar as it is now together with the tag that a save must name. Read once: it must not change under the hand. */
export function useCalendarForEdit(name: string) {
  return useQuery({
    queryKey: [...queryKeys.calendarEdit, name],
    queryFn: async ({ signal }) => {
      const { answer, etag } = await callWithEtag('getCalendar', { params: { name }, signal });
      return { calendar: answer, etag };
    },
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

export interface SaveCalendar {
  readonly name: string;
  readonly input: CalendarInput;
  /** Null for a new calendar. */
  readonly etag: string | null;
}

export function useSaveCalendar() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: ({ name, input, etag }: SaveCalendar) =>
      call('putCalendar', { params: { name }, body: input, headers: etag === null ? {} : { 'if-match': etag } }),
    onSuccess: refresh,
  });
}

export function useDeleteCalendar() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: async (name: string) => {
      await call('deleteCalendar', { params: { name } });
    },
    onSuccess: refresh,
  });
}

export interface ImportCalendar {
  readonly name: string;
  readonly ical: string;
  readonly title?: string;
}

/** What the file holds, and what of it would be left out; nothing is written. */
export function useImportPreview({ name, ical }: ImportCalendar) {
  return useQuery({
    queryKey: [...queryKeys.calendars, 'import', name, ical],
    queryFn: ({ signal }) => call('importCalendar', { params: { name }, body: { ical, dryRun: true }, signal }),
    gcTime: 0,
    retry: false,
    staleTime: Infinity,
  });
}

export function useImportCalendar() {
  const refresh = useRefreshAfterChange();
  return useMutation({
    mutationFn: ({ name, ical, title }: ImportCalendar) =>
      call('importCalendar', { params: { name }, body: { ical, ...(title === undefined ? {} : { title }) } }),
    onSuccess: refresh,
  });
}

/** The tasks that name a calendar are scheduled anew with it. */
function useRefreshAfterChange() {
  const client = useQueryClient();
  return async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.calendars }),
      client.invalidateQueries({ queryKey: queryKeys.tasks }),
      client.invalidateQueries({ queryKey: queryKeys.occurrences }),
      client.invalidateQueries({ queryKey: queryKeys.plan }),
    ]);
  };
}
