import { MINUTE_MS } from '../core/duration.ts';
import { durationTrend, type MeasuredRun } from '../core/duration-trend.ts';
import {
  compareRisks,
  overlapConsequence,
  type OverlapRisk,
  overlapRisk,
  WATCHED_RATIO,
} from '../core/overlap-forecast.ts';
import { lengthsOfTask, lengthsOfType, longestMs, type RunLengths } from '../core/run-lengths.ts';
import { comparableSchedule } from '../core/schedule.ts';
import { gapsOf, type ScheduleGaps } from '../core/schedule-gaps.ts';
import type { Database } from '../db/database.ts';
import {
  type OverlappingTask,
  readOverlapPolicies,
  readTypeLengths,
  sampleTaskRuns,
  type TypeLengths,
} from '../db/overlap-forecast-store.ts';
import { readSchedules, readScheduleVersion, type SharedSchedule } from '../db/schedule-store.ts';
import type { OverlapForecast, OverlapForecastQuery, OverlapItem } from './contract/overlap-forecast.ts';
import { toInstant, toInstantOrNull } from './instants.ts';
import { PictureCache } from './picture-cache.ts';

export interface OverlapReader {
  read(query: OverlapForecastQuery): Promise<OverlapForecast>;
}

const MAX_AGE_MS = 5 * MINUTE_MS;
const MAX_ITEMS = 500;
/** Tasks whose own runs are looked at. */
const MAX_MEASURED = 1_000;

/**
 * Which recurring tasks come near their own next runs. Whose type never took half of the gap can not: no run of theirs is looked at. Of the
 * others the own runs are, as far as there are not too many of them.
 */
export function createOverlapReader(database: Database): OverlapReader {
  const pictures = new PictureCache<Omit<OverlapForecast, 'ageMs'>>(MAX_AGE_MS);
  return {
    async read({ pool, limit }) {
      const { nowMs, version } = await readScheduleVersion(database);
      const { picture } = await pictures.get(pool, version, () => readOverlaps(database, pool));
      const ageMs = Math.max(0, nowMs - Date.parse(picture.generatedAt));
      return { ...picture, ageMs, items: picture.items.slice(0, limit) };
    },
  };
}

async function readOverlaps(database: Database, pool: string): Promise<Omit<OverlapForecast, 'ageMs'>> {
  const { nowMs } = await readScheduleVersion(database);
  const types = await readTypeLengths(database, pool);
  const recurring = (await readSchedules(database, pool)).filter(isRecurring);
  const groups = withGaps(recurring, types, nowMs);
  const measurable = groups
    .filter(mayOverlap)
    .sort(byTypeRatio)
    .flatMap(({ ids, gaps }) => ids.map((id) => ({ id, perDay: totalOf(gaps) })))
    .slice(0, MAX_MEASURED);
  const samples = await sampleTaskRuns(database, measurable, nowMs);

  const found = groups.flatMap((group) => judge(group, samples, nowMs)).sort(worstFirst);
  const listed = found.slice(0, MAX_ITEMS);
  const named = await readOverlapPolicies(
    database,
    listed.map(({ id }) => id),
  );
  return {
    generatedAt: toInstant(nowMs),
    pool,
    recurringTasks: recurring.reduce((sum, { ids }) => sum + ids.length, 0),
    measuredTasks: [...samples.values()].filter((runs) => lengthsOfTask(elapsedOf(runs)) !== undefined).length,
    total: found.length,
    items: listed.flatMap((one) => toItem(one, named.get(one.id))),
  };
}

interface Group {
  readonly ids: readonly string[];
  readonly taskType: string;
  readonly gaps: ScheduleGaps;
  /** Of the whole type. */
  readonly lengths: RunLengths;
  /** What no run of theirs lasts longer than. */
  readonly boundMs: number;
}

function isRecurring({ schedule }: SharedSchedule): boolean {
  return schedule.kind === 'cron' || schedule.kind === 'interval';
}

/** Gaps are worked out once per schedule. */
function withGaps(
  recurring: readonly SharedSchedule[],
  types: ReadonlyMap<string, TypeLengths>,
  nowMs: number,
): Group[] {
  const known = new Map<string, ScheduleGaps | undefined>();
  const lengthsOf = new Map(
    [...types].map(([name, { histogram, estimateMs }]) => [name, lengthsOfType(histogram, estimateMs)]),
  );
  return recurring.flatMap(({ ids, taskType, schedule, slotsDecided, expandedUntilMs, timeoutMs }) => {
    const [type, lengths] = [types.get(taskType), lengthsOf.get(taskType)];
    if (type === undefined || lengths === undefined) return [];
    const key = JSON.stringify([
      comparableSchedule(schedule),
      slotsDecided,
      isCounted(schedule) ? expandedUntilMs : null,
    ]);
    const gaps = known.get(key) ?? gapsOf(schedule, isCounted(schedule) ? expandedUntilMs : nowMs, slotsDecided);
    known.set(key, gaps);
    if (gaps === undefined) return [];
    return [{ ids, taskType, gaps, lengths, boundMs: boundOf(type, timeoutMs ?? type.timeoutMs) }];
  });
}

/** What was counted before the watermark has been counted there. */
function isCounted(schedule: SharedSchedule['schedule']): boolean {
  return 'maxRuns' in schedule && schedule.maxRuns !== null;
}

/** Attempts that failed are not in the histogram: where there were any, only the time-out bounds them. */
function boundOf({ histogram, failed, estimateMs }: TypeLengths, timeoutMs: number): number {
  return failed > 0 ? timeoutMs : Math.min(timeoutMs, longestMs(histogram) ?? estimateMs);
}

/** No p95 of theirs can be half of the gap otherwise. */
function mayOverlap({ boundMs, gaps }: Group): boolean {
  return boundMs >= gaps.smallestMs * WATCHED_RATIO;
}

function byTypeRatio(a: Group, b: Group): number {
  return (
    b.lengths.p95Ms / b.gaps.smallestMs - a.lengths.p95Ms / a.gaps.smallestMs ||
    b.boundMs / b.gaps.smallestMs - a.boundMs / a.gaps.smallestMs
  );
}

interface Found {
  readonly id: string;
  readonly group: Group;
  readonly risk: OverlapRisk;
  readonly lengths: RunLengths;
  readonly trend: ReturnType<typeof durationTrend>;
}

function judge(group: Group, samples: ReadonlyMap<string, readonly MeasuredRun[]>, nowMs: number): Found[] {
  const { ids, gaps } = group;
  const byType = overlapRisk(gaps, group.lengths, undefined, nowMs);
  return ids.flatMap((id): Found[] => {
    const runs = samples.get(id) ?? [];
    const own = lengthsOfTask(elapsedOf(runs));
    if (own === undefined)
      return byType === undefined ? [] : [{ id, group, risk: byType, lengths: group.lengths, trend: undefined }];
    const trend = durationTrend(runs);
    const risk = overlapRisk(gaps, own, trend, nowMs);
    return risk === undefined ? [] : [{ id, group, risk, lengths: own, trend }];
  });
}

function worstFirst(a: Found, b: Found): number {
  return compareRisks(a.risk, b.risk) || a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
}

function totalOf({ perDay }: ScheduleGaps): number {
  return [...perDay.values()].reduce((sum, count) => sum + count, 0);
}

function elapsedOf(runs: readonly MeasuredRun[]): number[] {
  return runs.map(({ elapsedMs }) => elapsedMs);
}

/** None when the task was deleted meanwhile. */
function toItem({ id, group, risk, lengths, trend }: Found, task: OverlappingTask | undefined): OverlapItem[] {
  if (task === undefined) return [];
  return [
    {
      taskId: id,
      taskName: task.name,
      taskType: group.taskType,
      severity: risk.severity,
      periodMs: { smallest: group.gaps.smallestMs, typical: group.gaps.typicalMs },
      p50Ms: lengths.p50Ms,
      p95Ms: lengths.p95Ms,
      basis: lengths.basis,
      runs: lengths.runs,
      ratio: risk.ratio,
      overlapsPerDay: risk.overlapsPerDay,
      overlap: task.overlap,
      consequence: overlapConsequence(task.overlap),
      trend:
        trend === undefined
          ? null
          : {
              earlierMeanMs: trend.earlierMeanMs,
              recentMeanMs: trend.recentMeanMs,
              changePerDayMs: trend.changePerDayMs,
            },
      crossesAt: toInstantOrNull(risk.crossesAtMs),
    },
  ];
}
