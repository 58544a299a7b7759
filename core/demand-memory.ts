import { SECOND_MS } from './duration.ts';
import { type DemandRow, START_WINDOW_MS } from './forecast.ts';

export interface WaitingDemandRow extends DemandRow {
  readonly taskType: string;
  /** How many of them should have been claimed already; such a row counts for the second in which it was read. */
  readonly overdue: number;
}

/**
 * Remembers the demand of the last moments. An occurrence leaves the table of waiting work when it is claimed, a second before its time,
 * but it needs its share of a slot for the whole start window after it, or for as long as it runs.
 */
export class DemandMemory {
  #recent = new Map<string, WaitingDemandRow>();

  /** The demand to plan with: what waits, and what was due a moment ago and still takes its slots. `nowMs` in epoch ms. */
  include(waiting: readonly WaitingDemandRow[], nowMs: number): WaitingDemandRow[] {
    const asItIs: WaitingDemandRow[] = [];
    for (const row of waiting.flatMap(overdueApart)) {
      // Overdue work moves with the clock: remembered, it would be added again at each look. Work that is further ahead than anybody
      // claims may still be cancelled; from there on its count only falls because it is taken.
      if (row.overdue > 0 || row.atMs > nowMs + CLAIMED_AHEAD_MS) {
        asItIs.push(row);
        continue;
      }
      const key = `${row.atMs}|${row.taskType}`;
      const known = this.#recent.get(key);
      if (known === undefined || known.count < row.count) this.#recent.set(key, row);
    }
    for (const [key, row] of this.#recent) {
      if (row.atMs + Math.max(START_WINDOW_MS, row.durationMs * 2) < nowMs) this.#recent.delete(key);
    }
    return [...this.#recent.values(), ...asItIs];
  }
}

function overdueApart(row: WaitingDemandRow): WaitingDemandRow[] {
  const parts = [
    { ...row, count: row.overdue },
    { ...row, count: row.count - row.overdue, overdue: 0 },
  ];
  return parts.filter(({ count }) => count > 0);
}

const CLAIMED_AHEAD_MS = 7 * SECOND_MS;
