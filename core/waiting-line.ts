import type { DemandTable } from './demand-table.ts';
import { type LatenessTally, START_WINDOW_US } from './lateness.ts';
import { Slots } from './slots.ts';
import { PRIORITIES } from './task.ts';

/**
 * Work that waits for slots, played through: high priority first, within a priority in plan order, and no slot idle while anything waits.
 * What has arrived can not be held up by what arrives later with the same priority, so whether all that waits will start in time is known
 * at each arrival. Instants in µs from the begin of the span on.
 */
export class WaitingLine {
  /** Slots as they are, with the runs that have begun. */
  readonly slots: Slots;
  readonly #table: DemandTable;
  readonly #startBy: Float64Array;
  readonly #tally: LatenessTally;
  /** Rows that wait, by priority; those before the head have started. */
  readonly #lines = PRIORITIES.map(() => ({ rows: [] as number[], head: 0 }));
  readonly #left: Float64Array;
  /** Slots as they will be once all that waits has run. */
  readonly #outlook = new Slots();
  #isOutlookTrue = false;
  #isOutlookPunctual = true;
  #waiting = 0;

  /** `startBy` is the latest good start of each row. */
  constructor(table: DemandTable, startBy: Float64Array, slots: Slots, tally: LatenessTally) {
    this.#table = table;
    this.#startBy = startBy;
    this.slots = slots;
    this.#tally = tally;
    this.#left = Float64Array.from(table.count);
  }

  /** Occurrences that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whatever can start before `until` starts. */
  advance(until: number): void {
    for (const line of this.#lines) {
      while (line.head < line.rows.length) {
        if (!this.#start(Number(line.rows[line.head]), until)) return; // no slot for this one, so none for those after it
        line.head += 1;
      }
      if (line.head > 0) [line.rows, line.head] = [[], 0];
    }
  }

  /** A row has become due. */
  enqueue(row: number): void {
    const priority = Number(this.#table.priority[row]);
    const isLast = this.#lines.every(({ rows }, place) => place <= priority || rows.length === 0);
    this.#lines[priority]?.rows.push(row);
    this.#waiting += Number(this.#table.count[row]);
    if (!isLast) this.#isOutlookTrue = false;
    else if (this.#isOutlookTrue && !this.#foresee(row, this.#startBy)) this.#isOutlookPunctual = false;
  }

  /** Slots were added or taken away. */
  forget(): void {
    this.#isOutlookTrue = false;
  }

  /** Whether all that waits will start in time with the slots that there are. */
  isPunctual(): boolean {
    if (!this.#isOutlookTrue) this.#isOutlookPunctual = this.isPunctualWith(() => undefined);
    this.#isOutlookTrue = true;
    return this.#isOutlookPunctual;
  }

  /** The same if slots were added, or with another bound for each row. */
  isPunctualWith(addTo: (slots: Slots) => void, startBy = this.#startBy): boolean {
    this.#isOutlookTrue = false;
    this.#outlook.copyFrom(this.slots);
    addTo(this.#outlook);
    return this.#lines.every(({ rows, head }) => {
      for (let place = head; place < rows.length; place += 1) {
        if (!this.#foresee(Number(rows[place]), startBy)) return false;
      }
      return true;
    });
  }

  /** What waits now never starts. */
  giveUp(): void {
    for (const { rows, head } of this.#lines) {
      for (const row of rows.slice(head)) this.#tally.addLate(row, Number(this.#left[row]), Infinity);
    }
  }

  /** Gives the row its slots in the outlook; false when some of it would start after its bound. */
  #foresee(row: number, startBy: Float64Array): boolean {
    const count = Number(this.#left[row]);
    const from = Number(this.#table.atUs[row]);
    const until = Number(startBy[row]) + 1;
    return this.#outlook.serve(count, Number(this.#table.durationUs[row]), from, until) === count;
  }

  /** Starts what can start of a row before `until`; true when that was the last of it. */
  #start(row: number, until: number): boolean {
    const atUs = Number(this.#table.atUs[row]);
    const durationUs = Number(this.#table.durationUs[row]);
    const waiting = Number(this.#left[row]);
    const lateFrom = atUs + START_WINDOW_US + 1;
    const inTime = this.slots.serve(waiting, durationUs, atUs, Math.min(until, lateFrom));
    if (inTime > 0) this.#tally.addInTime(this.slots.lastStart - atUs);
    const late = until <= lateFrom ? 0 : this.slots.serve(waiting - inTime, durationUs, atUs, until);
    if (late > 0) this.#tally.addLate(row, late, this.slots.lastStart - atUs);
    this.#left[row] = waiting - inTime - late;
    this.#waiting -= inTime + late;
    return inTime + late === waiting;
  }
}
