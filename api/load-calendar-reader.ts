import { setImmediate as nextTurn } from 'node:timers/promises';

import { DAY_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { FleetPlanSettings } from '../core/fleet-plan.ts';
import { WorkSum } from '../core/forecast.ts';
import { instancesPerMinute, type MinuteWindow, namedWindows } from '../core/load-calendar.ts';
import { type LocalDay, localDays } from '../core/local-day.ts';
import { expansionHorizonMs } from '../core/plan.ts';
import { describeTimeZoneFault, isTimeZone } from '../core/time-zone.ts';
import { unwrittenWork } from '../core/unwritten-work.ts';
import type { Database } from '../db/database.ts';
import { readDemand } from '../db/demand-store.ts';
import { readFleet, readSamples } from '../db/forecast-store.ts';
import { readScheduleVersion } from '../db/schedule-store.ts';
import { readUnwrittenTasks } from '../db/unwritten-store.ts';
import type { LoadCalendar, LoadCalendarQuery, LoadWindow } from './contract/load-calendar.ts';
import { fromInstant, toInstant } from './instants.ts';
import { PictureCache } from './picture-cache.ts';

export interface LoadCalendarReader {
  /** @throws InvalidInputError for a zone that there is not, and for days that are past or too far ahead. */
  read(query: LoadCalendarQuery): Promise<LoadCalendar>;
}

/** What a pool needs minute by minute, in no zone yet: minute 0 begins at `fromMs`. */
interface Minutes {
  readonly nowMs: number;
  readonly fromMs: number;
  readonly slotsPerReplica: number;
  readonly tasks: number;
  readonly instances: readonly number[];
}

const MAX_AHEAD_MS = 92 * DAY_MS;
const MAX_AGE_MS = 60_000;
const WINDOWS = 3;

/**
 * The load of the coming days by minute: rows where they are written, the schedules themselves behind that. It is worked out anew when the
 * definition of a task or calendar has changed, and after a minute.
 */
export function createLoadCalendarReader(
  database: Database,
  settings: FleetPlanSettings,
  graceMs: number,
): LoadCalendarReader {
  const pictures = new PictureCache<Minutes>(MAX_AGE_MS);
  return {
    async read(query) {
      const { nowMs, version } = await readScheduleVersion(database);
      const days = daysOf(query, nowMs);
      // All zones and numbers of days that begin about now share one picture.
      const isNear = Number(days[0]?.fromMs) <= nowMs;
      const startMs = isNear ? nowMs : Math.floor(Number(days[0]?.fromMs) / DAY_MS) * DAY_MS;
      const key = `${query.pool}|${isNear ? 'now' : startMs}`;
      // By the database's clock, too, so that what it calls the future is never looked up in what was the future long ago.
      const turn = Math.floor(nowMs / MAX_AGE_MS);
      const known = await pictures.get(key, `${turn}|${version}`, () =>
        readMinutes(database, settings, graceMs, { pool: query.pool, startMs }),
      );
      const samples =
        Number(days[0]?.fromMs) < nowMs
          ? await readSamples(database, query.pool, {
              fromMs: Number(days[0]?.fromMs),
              untilMs: nowMs,
              stepMs: MINUTE_MS,
            })
          : [];
      const past = new Map(samples.map(({ step, requiredInstances }) => [step, requiredInstances]));
      return toAnswer({ query, days, nowMs, limit: settings.maxReplicas }, known.picture, past);
    },
  };
}

function daysOf({ timeZone, from, days }: LoadCalendarQuery, nowMs: number): readonly LocalDay[] {
  if (!isTimeZone(timeZone)) {
    throw new InvalidInputError([{ path: 'timeZone', message: describeTimeZoneFault(timeZone) }]);
  }
  const [today] = localDays(timeZone, nowMs, 1);
  const fromMs = from === undefined ? nowMs : fromInstant(from);
  if (fromMs < Number(today?.fromMs) || fromMs > nowMs + MAX_AHEAD_MS) {
    const range = `${toInstant(Number(today?.fromMs))} to ${toInstant(nowMs + MAX_AHEAD_MS)}`;
    throw new InvalidInputError([{ path: 'from', message: `expected an instant from ${range}` }]);
  }
  return localDays(timeZone, fromMs, days);
}

/** Eight days and some hours hold seven days of any zone. */
const PICTURE_MS = 9 * DAY_MS;

async function readMinutes(
  database: Database,
  settings: FleetPlanSettings,
  graceMs: number,
  { pool, startMs }: { readonly pool: string; readonly startMs: number },
): Promise<Minutes> {
  const fromMs = Math.floor(startMs / MINUTE_MS) * MINUTE_MS;
  const untilMs = fromMs + PICTURE_MS;
  const { nowMs, fleet, written, unwritten } = await database.transaction(async (transaction) => {
    // One picture: what the scheduler writes meanwhile is seen either as rows or as schedules, never as both.
    await transaction.query('set transaction isolation level repeatable read, read only');
    return {
      nowMs: (await readScheduleVersion(transaction)).nowMs,
      fleet: await readFleet(transaction, pool),
      written: await readDemand(transaction, pool, { untilMs }),
      unwritten: await readUnwrittenTasks(transaction, pool, graceMs),
    };
  });
  const sum = new WorkSum({ fromMs, seconds: PICTURE_MS / SECOND_MS });
  for (const row of written) sum.add(row);
  let added = 0;
  for (const row of unwrittenWork(unwritten, { nowMs, fromMs, untilMs }, written)) {
    sum.add(row);
    added += 1;
    if (added % ROWS_PER_TURN === 0) await nextTurn(); // other requests wait no longer than this
  }
  const slotsPerReplica = fleet.slots ?? settings.slotsPerReplica;
  return {
    nowMs,
    fromMs,
    slotsPerReplica,
    tasks: unwritten.reduce((total, { ids }) => total + ids.length, 0),
    instances: instancesPerMinute(sum.curve(), slotsPerReplica),
  };
}

const ROWS_PER_TURN = 50_000;

interface Question {
  readonly query: LoadCalendarQuery;
  readonly days: readonly LocalDay[];
  readonly nowMs: number;
  readonly limit: number;
}

function toAnswer(
  { query, days, nowMs, limit }: Question,
  picture: Minutes,
  past: ReadonlyMap<number, number | null>,
): LoadCalendar {
  const beginMs = Number(days[0]?.fromMs);
  const minuteOfNowMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const valueAt = (atMs: number): number | null =>
    atMs < minuteOfNowMs
      ? (past.get((atMs - beginMs) / MINUTE_MS) ?? null)
      : (picture.instances[(atMs - picture.fromMs) / MINUTE_MS] ?? null);
  const minutesOf = ({ fromMs, untilMs }: LocalDay): (number | null)[] =>
    Array.from({ length: (untilMs - fromMs) / MINUTE_MS }, (_, minute) => valueAt(fromMs + minute * MINUTE_MS));
  const answered = days.map((day) => ({ day, values: minutesOf(day) }));
  const coming = answered
    .flatMap(({ values }) => values)
    .map((value, minute) => (beginMs + minute * MINUTE_MS < minuteOfNowMs ? null : value));
  const { quietest, busiest } = namedWindows(coming, query.windowMinutes, WINDOWS);
  const toWindow = ({ first, minutes, most, mean }: MinuteWindow): LoadWindow => ({
    from: toInstant(beginMs + first * MINUTE_MS),
    until: toInstant(beginMs + (first + minutes) * MINUTE_MS),
    requiredInstances: most,
    meanInstances: Math.round(mean * 1_000) / 1_000,
  });
  const [peak] = [...coming.entries()].reduce<readonly [number, number] | readonly []>(
    (best, [minute, value]) => (value !== null && value > (best[1] ?? 0) ? [minute, value] : best),
    [],
  );
  return {
    generatedAt: toInstant(picture.nowMs),
    now: toInstant(nowMs),
    ageMs: Math.max(0, nowMs - picture.nowMs),
    pool: query.pool,
    timeZone: query.timeZone,
    slotsPerReplica: picture.slotsPerReplica,
    limit,
    writtenUntil: toInstant(expansionHorizonMs(nowMs)),
    tasks: picture.tasks,
    peak:
      peak === undefined
        ? null
        : toWindow({ first: peak, minutes: 1, most: Number(coming[peak]), mean: Number(coming[peak]) }),
    quietest: quietest.map(toWindow),
    busiest: busiest.map(toWindow),
    days: answered.map(({ day, values }) => ({
      date: day.date,
      from: toInstant(day.fromMs),
      until: toInstant(day.untilMs),
      requiredInstances: values,
    })),
  };
}
