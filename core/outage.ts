import type { PlanRow } from './demand-table.ts';
import { MINUTE_MS, SECOND_MS } from './duration.ts';
import type { MisfirePolicy } from './task.ts';

/** One occurrence, with what decides about it when it is missed. */
export interface MissableOccurrence {
  readonly row: PlanRow;
  /** Equal for the occurrences of one task, and for no others. */
  readonly task: string;
  readonly misfire: MisfirePolicy;
  /** How late an occurrence may be and still count as on time. */
  readonly graceMs: number;
  readonly catchUpLimit: number;
  readonly catchUpPerMinute: number;
}

export interface AfterOutage {
  /** What runs after all, at the second at which it is released. */
  readonly rows: readonly PlanRow[];
  readonly skipped: number;
}

/**
 * What becomes of the work of a time in which nothing starts, at its end: what is not older than its grace runs at once, and of the rest
 * the misfire policy of its task says what is left out. `all` releases its latest ones, so many a minute, the eldest first.
 */
export function afterOutage(occurrences: readonly MissableOccurrence[], untilMs: number): AfterOutage {
  const rows: PlanRow[] = [];
  let skipped = 0;
  const inTime = [...occurrences].sort((a, b) => a.row.atMs - b.row.atMs);
  for (const ofTask of byTask(inTime)) {
    const missed = ofTask.filter(({ row, graceMs }) => row.atMs < untilMs - graceMs);
    const released = missed.slice(Math.max(0, missed.length - mostRun(missed[0])));
    skipped += missed.length - released.length;
    rows.push(
      ...released.map(({ row, misfire, catchUpPerMinute }, turn) => {
        const pauseMs = misfire === 'all' ? (turn * MINUTE_MS) / catchUpPerMinute : 0;
        return { ...row, atMs: Math.floor((untilMs + pauseMs) / SECOND_MS) * SECOND_MS };
      }),
      ...ofTask.slice(missed.length).map(({ row }) => ({ ...row, atMs: untilMs })),
    );
  }
  return { rows, skipped };
}

/** How many of the missed occurrences of one task run. */
function mostRun(one: MissableOccurrence | undefined): number {
  switch (one?.misfire) {
    case 'latest':
      return 1;
    case 'all':
      return one.catchUpLimit;
    case 'skip':
    case undefined:
      return 0;
  }
}

function byTask(occurrences: readonly MissableOccurrence[]): Iterable<MissableOccurrence[]> {
  const groups = new Map<string, MissableOccurrence[]>();
  for (const occurrence of occurrences) {
    const group = groups.get(occurrence.task);
    if (group === undefined) groups.set(occurrence.task, [occurrence]);
    else group.push(occurrence);
  }
  return groups.values();
}
