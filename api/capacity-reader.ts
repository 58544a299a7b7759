import { without, workOf } from '../core/added-work.ts';
import type { PlanRow } from '../core/demand-table.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import type { FleetPlanSettings } from '../core/fleet-plan.ts';
import type { Span } from '../core/forecast.ts';
import { expansionHorizonMs } from '../core/plan.ts';
import { type CapacityBefore, capacityFor, MAX_SHIFT_MS, priceTag } from '../core/price-tag.ts';
import type { TaskSchedule } from '../core/task.ts';
import type { Database } from '../db/database.ts';
import { readDemand } from '../db/demand-store.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { readFleet } from '../db/forecast-store.ts';
import { readDayBefore, readTaskDemand } from '../db/future-work-store.ts';
import type { TaskDefinition } from '../db/task-definition.ts';
import type { PriceTag } from './contract/price-tag.ts';
import { toInstant, toInstantOrNull } from './instants.ts';

export interface PriceQuestion {
  readonly definition: TaskDefinition;
  readonly schedule: TaskSchedule;
  readonly pool: string;
  /** Mean execution time of the task type. */
  readonly durationMs: number;
  /** The task that this would be an edit of; null: a new one. */
  readonly replaces: string | null;
}

export interface CapacityReader {
  price(question: PriceQuestion): Promise<PriceTag>;
  /** Forgets what it has read, because this process has just changed it. */
  forget(): void;
}

/**
 * Says what a task would cost over the next day. The work of a pool is read once for all questions of a few seconds, because a form asks
 * at each pause of the typing; the answer says how old it is, half a minute at most.
 */
export function createCapacityReader(database: Database, settings: FleetPlanSettings): CapacityReader {
  const pictures = new Map<string, KnownPicture>();
  const read = (pool: string): Promise<Picture> => {
    const picture = readPicture(database, pool, settings);
    const before = pictures.get(pool);
    const known = { readAtMs: performance.now(), picture };
    pictures.set(pool, known);
    picture.catch(() => {
      if (pictures.get(pool) === known) pictures.delete(pool); // the next question tries again
    });
    return before !== undefined && known.readAtMs - before.readAtMs < MAX_AGE_MS ? before.picture : picture;
  };
  const pictureOf = (pool: string): Promise<Picture> => {
    const known = pictures.get(pool);
    return known !== undefined && performance.now() - known.readAtMs < FRESH_MS ? known.picture : read(pool);
  };
  return {
    async price(question) {
      const picture = await pictureOf(question.pool);
      const nowMs = Math.floor(await readDatabaseClock(database));
      const own = question.replaces === null ? [] : [question.replaces];
      const removed = await readTaskDemand(database, question.pool, own, picture.writtenUntilMs);
      return toTag(question, picture, removed, nowMs);
    },
    forget: () => pictures.clear(),
  };
}

interface KnownPicture {
  readonly readAtMs: number;
  readonly picture: Promise<Picture>;
}

const FRESH_MS = 3_000;
/** An older picture still answers the question that has a new one read, so that nobody waits for it. */
const MAX_AGE_MS = 30_000;

/** The work of a pool over the day from the minute of now on, as the forecast has it, and what it needs. */
interface Picture {
  readonly nowMs: number;
  readonly writtenUntilMs: number;
  readonly rows: readonly PlanRow[];
  readonly span: Span;
  readonly settings: FleetPlanSettings;
  readonly before: CapacityBefore;
}

async function readPicture(database: Database, pool: string, settings: FleetPlanSettings): Promise<Picture> {
  const nowMs = Math.floor(await readDatabaseClock(database));
  const fromMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const untilMs = fromMs + DAY_MS;
  const writtenUntilMs = Math.min(untilMs, expansionHorizonMs(nowMs));
  const [written, dayBefore, fleet] = await Promise.all([
    readDemand(database, pool, { untilMs }),
    writtenUntilMs === untilMs
      ? []
      : readDayBefore(database, pool, { fromMs: writtenUntilMs - DAY_MS, untilMs: untilMs - DAY_MS }),
    readFleet(database, pool),
  ]);
  const rows: readonly PlanRow[] = [...written, ...dayBefore];
  const span = { fromMs, seconds: DAY_MS / SECOND_MS };
  const here = { ...settings, slotsPerReplica: fleet.slots ?? settings.slotsPerReplica };
  return { nowMs, writtenUntilMs, rows, span, settings: here, before: capacityFor(rows, span, here) };
}

function toTag(question: PriceQuestion, picture: Picture, removed: readonly PlanRow[], nowMs: number): PriceTag {
  const { definition, schedule, durationMs, replaces } = question;
  const { rows, span, settings, before, writtenUntilMs } = picture;
  const untilMs = span.fromMs + DAY_MS;
  const kept = without(rows, removed);
  const { taskType, priority, flexibleWindowMs, placement } = definition;
  const task = { schedule, taskType, priority, flexibleWindowMs, placement, durationMs, id: replaces };
  const wide = { fromMs: nowMs - MAX_SHIFT_MS, untilMs: untilMs + MAX_SHIFT_MS, nowMs };
  const tag = priceTag(
    {
      kept,
      added: workOf(task, { fromMs: nowMs, untilMs, nowMs }, kept),
      shiftable: schedule.kind === 'immediate' ? [] : workOf(task, wide, kept),
    },
    before,
    span,
    settings,
  );
  const { peakAtMs, firstLateAtMs, ...figures } = tag;
  return {
    pool: question.pool,
    range: { from: toInstant(span.fromMs), until: toInstant(untilMs), writtenUntil: toInstant(writtenUntilMs) },
    ageMs: Math.max(0, nowMs - picture.nowMs),
    ...figures,
    peakAt: toInstant(peakAtMs ?? span.fromMs),
    firstLateAt: toInstantOrNull(firstLateAtMs),
  };
}
