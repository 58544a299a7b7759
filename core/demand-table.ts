import { SECOND_MS } from './duration.ts';
import { type DemandRow, MS_US, SLOT_WORK_MS, type Span } from './forecast.ts';
import { PRIORITIES, type Priority } from './task.ts';

/** Equal occurrences of one task type that fall due at one instant. */
export interface PlanRow extends DemandRow {
  readonly taskType: string;
  /** Normal when left out. */
  readonly priority?: Priority | undefined;
  /** How long after its time the last of them is to start at the latest, as far as it is planned; 9 s when left out, and never more. */
  readonly startWithinMs?: number | undefined;
}

/**
 * The order in which occurrences of one priority are started, in the plan and by whoever hands them out: by scheduled time, short ones
 * first, then by task type. Where the two orders differ a start may come later than planned.
 */
export function planOrder(a: PlanRow, b: PlanRow): number {
  return a.atMs - b.atMs || a.durationMs - b.durationMs || compareNames(a.taskType, b.taskType);
}

/** Rows in columns, in plan order; instants and durations in whole µs, instants from the begin of the span on. */
export interface DemandTable {
  readonly length: number;
  readonly atUs: Float64Array;
  readonly durationUs: Float64Array;
  readonly count: Float64Array;
  /** How long after `atUs` each is to start at the latest. */
  readonly startWithinUs: Float64Array;
  /** Index in `PRIORITIES`: 0 goes first. */
  readonly priority: Uint8Array;
  /** Index in `taskTypes`. */
  readonly type: Int32Array;
  readonly taskTypes: readonly string[];
}

/** Everything that falls due before the span ends, what is due since before it begins included. Linear but for rows of one second. */
export function toDemandTable(rows: readonly PlanRow[], span: Span): DemandTable {
  const untilMs = span.fromMs + span.seconds * SECOND_MS;
  const wanted = rows.filter(({ atMs, count }) => atMs < untilMs && count > 0);
  const taskTypes = [...new Set(wanted.map(({ taskType }) => taskType))].sort(compareNames);
  const ranks = new Map(taskTypes.map((name, rank) => [name, rank]));
  const table = {
    length: wanted.length,
    atUs: new Float64Array(wanted.length),
    durationUs: new Float64Array(wanted.length),
    count: new Float64Array(wanted.length),
    startWithinUs: new Float64Array(wanted.length),
    priority: new Uint8Array(wanted.length),
    type: new Int32Array(wanted.length),
    taskTypes,
  };
  for (const [position, row] of inPlanOrder(wanted, span).entries()) {
    table.atUs[position] = Math.floor((row.atMs - span.fromMs) * MS_US);
    table.durationUs[position] = toDurationUs(row.durationMs);
    table.count[position] = row.count;
    table.startWithinUs[position] = Math.min(SLOT_WORK_MS, row.startWithinMs ?? SLOT_WORK_MS) * MS_US;
    table.priority[position] = PRIORITIES.indexOf(row.priority ?? 'normal');
    table.type[position] = Number(ranks.get(row.taskType));
  }
  return table;
}

/** No run is shorter than 1 µs: one that took no time at all would take no slot. */
export function toDurationUs(durationMs: number): number {
  return Math.max(1, Math.round(durationMs * MS_US));
}

/** Sorted by the second first, which is counting, and then within each second, where few rows are left to compare. */
function inPlanOrder(rows: readonly PlanRow[], span: Span): PlanRow[] {
  const seconds: PlanRow[][] = Array.from({ length: span.seconds + 1 }, () => []);
  for (const row of rows) {
    const second = Math.floor((row.atMs - span.fromMs) / SECOND_MS) + 1; // the first is all that was due before
    seconds[Math.max(0, second)]?.push(row);
  }
  return seconds.flatMap((some) => (some.length > 1 ? some.sort(planOrder) : some));
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
