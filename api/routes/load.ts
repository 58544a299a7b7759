import { withDatabase } from '../../db/postgres-errors.ts';
import type { ApiConfig } from '../config.ts';
import type { ApiDeps } from '../deps.ts';
import { createLoadCalendarReader } from '../load-calendar-reader.ts';
import { createOverlapReader } from '../overlap-reader.ts';
import type { Handlers } from '../router.ts';

/** What the schedules call for beyond the hours of the forecast. */
export function loadRoutes(
  { database, planSettings }: Pick<ApiDeps, 'database' | 'planSettings'>,
  { misfireGraceMs }: Pick<ApiConfig, 'misfireGraceMs'>,
): Pick<Handlers, 'loadCalendar' | 'overlapForecast'> {
  const calendar = createLoadCalendarReader(database, planSettings, misfireGraceMs);
  const overlaps = createOverlapReader(database);
  return {
    loadCalendar: async ({ query }) => ({ body: await withDatabase(() => calendar.read(query)) }),
    overlapForecast: async ({ query }) => ({ body: await withDatabase(() => overlaps.read(query)) }),
  };
}
