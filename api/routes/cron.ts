import { nextOccurrences, parseCron } from '../../core/cron.ts';
import { annotateRuns } from '../../core/cron-notes.ts';
import { type FieldError, InvalidInputError } from '../../core/errors.ts';
import { checkSchedule } from '../../core/schedule.ts';
import { canonicalTimeZone, formatLocalTime } from '../../core/time-zone.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { withDatabase } from '../../db/postgres-errors.ts';
import { describeCron } from '../../runtime/schedule-text.ts';
import type { ApiDeps } from '../deps.ts';
import { fromInstant, toInstant } from '../instants.ts';
import type { Handlers } from '../router.ts';

/** The next runs from the engine that will fire them. */
export function cronRoutes({ database }: Pick<ApiDeps, 'database'>): Pick<Handlers, 'cronPreview'> {
  return {
    async cronPreview({ query }) {
      const { expression, count } = query;
      const timeZone = canonicalTimeZone(query.timeZone);
      const dst = { gap: query.dstGap, repeat: query.dstRepeat };
      const fromMs =
        query.from === undefined ? await withDatabase(() => readDatabaseClock(database)) : fromInstant(query.from);
      const limits = { startsAtMs: null, endsAtMs: null, maxRuns: null, exclusions: [] };
      const { errors, warnings } = checkSchedule(
        { kind: 'cron', expressions: [expression], timeZone, dst, ...limits },
        { nowMs: fromMs },
      );
      if (errors.length > 0) throw new InvalidInputError(errors.map(toQueryError));
      const cron = parseCron(expression);
      const instants = nextOccurrences(cron, timeZone, dst, fromMs - 1, count);
      const notes = annotateRuns(cron, timeZone, dst, instants);
      const runs = instants.map((atMs, index) => ({
        at: toInstant(atMs),
        localTime: formatLocalTime(timeZone, atMs),
        note: notes[index] ?? null,
      }));
      return { body: { description: describeCron([expression], timeZone), runs, warnings: [...warnings] } };
    },
  };
}

/** Paths here are names of parameters. */
function toQueryError({ path, message }: FieldError): FieldError {
  return { path: path.startsWith('expressions') ? 'expression' : path, message };
}
