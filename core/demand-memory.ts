import { SECOND_MS } from './duration.ts';
import { type DemandRow, START_WINDOW_MS } from './forecast.ts';

type TypedDemandRow = DemandRow & { readonly taskType: string };

/**
 * Remembers the demand of the last moments. An occurrence leaves the table of waiting work when it is claimed, a second before its time,
 * but it needs its share of a slot for the whole start window after it, or for as long as it runs.
 */
export class DemandMemory {
  #recent = new Map<string, TypedDemandRow>();

  /** The demand to plan with: what waits, and what was due a moment ago and still takes its slots. `nowMs` in epoch ms. */
  include(waiting: readonly TypedDemandRow[], nowMs: number): TypedDemandRow[] {
    const future: TypedDemandRow[] = [];
    for (const row of waiting) {
      // Claimed ahead of time: from here on the count only falls because work is taken, not because it is cancelled.
      if (row.atMs > nowMs + CLAIMED_AHEAD_MS) {
        future.push(row);
        continue;
      }
      const key = `${row.atMs}|${row.taskType}`;
      const known = this.#recent.get(key);
      if (known === undefined || known.count < row.count) this.#recent.set(key, row);
    }
    for (const [key, row] of this.#recent) {
      if (row.atMs + Math.max(START_WINDOW_MS, row.durationMs * 2) < nowMs) this.#recent.delete(key);
    }
    return [...this.#recent.values(), ...future];
  }
}

const CLAIMED_AHEAD_MS = 7 * SECOND_MS;
