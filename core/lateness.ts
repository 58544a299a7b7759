import type { DemandTable } from './demand-table.ts';
import { MS_US, START_WINDOW_MS } from './forecast.ts';

/** What starts after its start window, and how late. */
export interface Lateness {
  /** Occurrences that start more than 10 s after their time, or not at all. */
  readonly count: number;
  /** The longest wait of any occurrence, late or not; Infinity when some never start. */
  readonly worstDelayMs: number;
  /** The types of those that are late, the most first. */
  readonly byType: readonly { readonly taskType: string; readonly count: number; readonly worstDelayMs: number }[];
  /** Late ones by the second of their time; what was due before the span counts for its first second. */
  readonly perSecond: readonly number[];
}

export const START_WINDOW_US = START_WINDOW_MS * MS_US;

/** Adds up what the replay of a demand finds out about its starts. */
export class LatenessTally {
  readonly #table: DemandTable;
  readonly #perSecond: number[];
  readonly #late: Float64Array;
  readonly #worst: Float64Array;
  #longest = 0;
  #count = 0;

  constructor(table: DemandTable, seconds: number) {
    this.#table = table;
    this.#perSecond = new Array<number>(seconds).fill(0);
    this.#late = new Float64Array(table.taskTypes.length);
    this.#worst = new Float64Array(table.taskTypes.length);
  }

  /** Some of a row started in time, the last of them after `delayUs`. */
  addInTime(delayUs: number): void {
    this.#longest = Math.max(this.#longest, delayUs);
  }

  /** `count` of a row started late, the last of them after `delayUs`. */
  addLate(row: number, count: number, delayUs: number): void {
    const type = Number(this.#table.type[row]);
    const second = Math.max(0, Math.floor(Number(this.#table.atUs[row]) / (1_000 * MS_US)));
    this.#perSecond[second] = Number(this.#perSecond[second]) + count;
    this.#late[type] = Number(this.#late[type]) + count;
    this.#worst[type] = Math.max(Number(this.#worst[type]), delayUs);
    this.#longest = Math.max(this.#longest, delayUs);
    this.#count += count;
  }

  result(): Lateness {
    const byType = this.#table.taskTypes.map((taskType, type) => ({
      taskType,
      count: Number(this.#late[type]),
      worstDelayMs: Number(this.#worst[type]) / MS_US,
    }));
    return {
      count: this.#count,
      worstDelayMs: this.#longest / MS_US,
      byType: byType.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count),
      perSecond: this.#perSecond,
    };
  }
}
