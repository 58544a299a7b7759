import { InvalidInputError } from '../../core/errors.ts';
import { describeTimeZoneFault, isTimeZone } from '../../core/time-zone.ts';
import { type CalendarDefinition, type CalendarRecord, createCalendarStore } from '../../db/calendar-store.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { withDatabase } from '../../db/postgres-errors.ts';
import { readIcal } from '../../runtime/ical.ts';
import type { ApiConfig } from '../config.ts';
import type { Calendar } from '../contract/calendar.ts';
import type { ApiDeps } from '../deps.ts';
import { toExclusionRule, toExclusionRuleJson } from '../exclusion-mapping.ts';
import { revisionOf } from '../if-match.ts';
import { toInstant } from '../instants.ts';
import type { Handlers } from '../router.ts';

type CalendarHandlers = Pick<
  Handlers,
  'listCalendars' | 'getCalendar' | 'putCalendar' | 'deleteCalendar' | 'importCalendar'
>;

export function calendarRoutes(
  { database }: Pick<ApiDeps, 'database'>,
  { misfireGraceMs }: Pick<ApiConfig, 'misfireGraceMs'>,
): CalendarHandlers {
  const store = createCalendarStore(database, misfireGraceMs);
  const put = async (name: string, definition: CalendarDefinition, ifMatch: string | undefined) => {
    const calendar = toCalendar(await store.put(name, definition, revisionOf(ifMatch, 'calendar')));
    return { calendar, headers: tagOf(calendar) };
  };

  return {
    async listCalendars() {
      return { body: { items: (await store.list()).map(toCalendar) } };
    },
    async getCalendar({ params }) {
      const calendar = toCalendar(await store.get(params.name));
      return { body: calendar, headers: tagOf(calendar) };
    },
    async putCalendar({ params, body: { title, timeZone, rules }, ifMatch }) {
      assertTimeZone(timeZone);
      const definition = { title, timeZone, rules: rules.map(toExclusionRule) };
      const { calendar, headers } = await put(params.name, definition, ifMatch);
      return { body: calendar, headers };
    },
    async deleteCalendar({ params }) {
      await store.remove(params.name);
      return { body: null };
    },
    async importCalendar({ params: { name }, body, ifMatch }) {
      if (body.timeZone !== undefined) assertTimeZone(body.timeZone);
      const nowMs = await withDatabase(() => readDatabaseClock(database));
      const file = readIcal(body.ical, { nowMs, timeZone: body.timeZone ?? null });
      const title = body.title ?? file.title ?? (await store.find(name))?.title ?? name;
      const { timeZone, rules } = file;
      const { calendar, headers } = body.dryRun
        ? { calendar: null, headers: {} }
        : await put(name, { title, timeZone, rules }, ifMatch);
      const leftOut = [...file.leftOut];
      return { body: { title, timeZone, rules: rules.map(toExclusionRuleJson), leftOut, calendar }, headers };
    },
  };
}

function assertTimeZone(timeZone: string): void {
  if (isTimeZone(timeZone)) return;
  throw new InvalidInputError([{ path: 'timeZone', message: describeTimeZoneFault(timeZone) }]);
}

function toCalendar({ name, title, timeZone, rules, revision, tasks, updatedAtMs }: CalendarRecord): Calendar {
  const updatedAt = toInstant(updatedAtMs);
  return { name, title, timeZone, rules: rules.map(toExclusionRuleJson), revision, tasks, updatedAt };
}

function tagOf({ revision }: Calendar): Record<string, string> {
  return { ETag: `"${revision}"` };
}
