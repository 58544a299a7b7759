import type { PlanRow } from '../core/demand-table.ts';
import { HOUR_MS, SECOND_MS } from '../core/duration.ts';
import type { Priority } from '../core/task.ts';
import type { Queryable } from './database.ts';

export interface DemandRange {
  /** Epoch ms; left out: everything that is overdue counts, too, for the second of now. */
  readonly fromMs?: number | undefined;
  readonly untilMs: number;
}

/**
 * What falls due in a pool: one row per second, task type and priority that has any, in no particular order. It reads the rollup, so it takes
 * as long for millions of occurrences as for as many seconds and types with few. A range that begins or ends within a second has that second.
 */
export async function readDemand(on: Queryable, pool: string, range: DemandRange): Promise<PlanRow[]> {
  const rows: PlanRow[] = [];
  await eachSecond(on, pool, range, ({ taskType, priority, averageMs }, atMs, count) => {
    rows.push({ atMs, taskType, priority, count, durationMs: averageMs });
  });
  return rows;
}

/** Work (ms of compute) that is due in each step of time, by pool; steps without any are left out. */
export async function readPlannedLoad(
  on: Queryable,
  { fromMs, stepMs, steps }: { readonly fromMs: number; readonly stepMs: number; readonly steps: number },
): Promise<{ readonly pool: string; readonly step: number; readonly workMs: number }[]> {
  const loads = new Map<string, Float64Array>();
  await eachSecond(on, null, { fromMs, untilMs: fromMs + stepMs * steps }, ({ pool, averageMs }, atMs, count) => {
    const load = loads.get(pool) ?? new Float64Array(steps);
    loads.set(pool, load);
    const step = Math.floor((atMs - fromMs) / stepMs);
    if (step >= 0 && step < steps) load[step] = Number(load[step]) + count * averageMs;
  });
  return [...loads].flatMap(([pool, load]) =>
    [...load].flatMap((workMs, step) => (workMs > 0 ? [{ pool, step, workMs }] : [])),
  );
}

/** With no more rows than this an hour of a type and priority is left as it is: reading them costs less than writing them anew. */
const ROWS_KEPT = 4;
/** A turn of the compaction is one transaction, a short one: a row may have thousands of entries. */
const ROWS_PER_TURN = 200;

/** Merges what was added to the rollup bit by bit. Answers whether there is more. */
export async function compactDemand(on: Queryable): Promise<boolean> {
  const [row] = await on.run<{ taken: number }>('queries/compact_demand.sql', [ROWS_KEPT, ROWS_PER_TURN]);
  return row?.taken === ROWS_PER_TURN;
}

/** Compares the rollup with the rows and puts it right. Answers how many seconds of a type and priority were wrong: there should be none. */
export async function repairDemand(
  on: Queryable,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number | null },
): Promise<number> {
  const [row] = await on.run<{ repaired: number }>('queries/repair_demand.sql', [fromMs, untilMs]);
  return row?.repaired ?? 0;
}

interface DemandKind {
  readonly pool: string;
  readonly taskType: string;
  readonly priority: Priority;
  readonly averageMs: number;
}

interface DemandHour {
  readonly kind: DemandKind;
  readonly beginsMs: number;
  readonly parts: PartRow[];
}

interface PartRow {
  readonly pool: string;
  readonly task_type: string;
  readonly priority: Priority;
  readonly average_ms: number;
  readonly begins_ms: number;
  readonly from_ms: number;
  /** Arrays as PostgreSQL writes them: "{0,1,59}". */
  readonly seconds: string;
  readonly counts: string;
}

const SECONDS_PER_HOUR = HOUR_MS / SECOND_MS;

/** Adds the parts up an hour at a time, in one array for all: no more memory than the answer itself. */
async function eachSecond(
  on: Queryable,
  pool: string | null,
  { fromMs, untilMs }: DemandRange,
  visit: (kind: DemandKind, atMs: number, count: number) => void,
): Promise<void> {
  const endMs = Math.ceil(untilMs / SECOND_MS) * SECOND_MS;
  const beginMs = fromMs === undefined ? null : Math.floor(fromMs / SECOND_MS) * SECOND_MS;
  const parts = await on.run<PartRow>('queries/read_demand.sql', [pool, beginMs, endMs]);
  const sums = new Int32Array(SECONDS_PER_HOUR);
  for (const { kind, beginsMs, parts: some } of groupByHour(parts)) {
    sums.fill(0);
    for (const part of some) addPart(sums, part, endMs);
    for (let second = 0; second < SECONDS_PER_HOUR; second += 1) {
      const count = Number(sums[second]);
      if (count > 0) visit(kind, beginsMs + second * SECOND_MS, count);
    }
  }
}

function groupByHour(parts: readonly PartRow[]): Iterable<DemandHour> {
  const hours = new Map<string, DemandHour>();
  for (const part of parts) {
    const key = `${part.begins_ms}|${part.priority}|${part.task_type}`;
    const hour = hours.get(key);
    if (hour === undefined) {
      const { pool, task_type: taskType, priority, average_ms: averageMs, begins_ms: beginsMs } = part;
      hours.set(key, { kind: { pool, taskType, priority, averageMs }, beginsMs, parts: [part] });
    } else hour.parts.push(part);
  }
  return hours.values();
}

/** Reads both arrays as they came, number by number: there may be a million of them. */
function addPart(sums: Int32Array, { seconds, counts, begins_ms: beginsMs, from_ms: fromMs }: PartRow, endMs: number) {
  const first = Math.max(0, (fromMs - beginsMs) / SECOND_MS);
  const end = Math.min(SECONDS_PER_HOUR, (endMs - beginsMs) / SECOND_MS);
  let place = 1;
  for (let at = 1; at < seconds.length; at += 1) {
    let second = 0;
    for (let code = seconds.charCodeAt(at); code >= ZERO && code <= NINE; code = seconds.charCodeAt((at += 1))) {
      second = second * 10 + code - ZERO;
    }
    const isNegative = counts.charCodeAt(place) === MINUS;
    if (isNegative) place += 1;
    let count = 0;
    for (let code = counts.charCodeAt(place); code >= ZERO && code <= NINE; code = counts.charCodeAt((place += 1))) {
      count = count * 10 + code - ZERO;
    }
    place += 1; // the comma
    if (second >= first && second < end) sums[second] = Number(sums[second]) + (isNegative ? -count : count);
  }
}

const ZERO = 48;
const NINE = 57;
const MINUS = 45;
