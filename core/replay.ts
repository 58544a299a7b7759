import type { DemandTable } from './demand-table.ts';
import { SECOND_MS } from './duration.ts';
import { MS_US } from './forecast.ts';
import { type Lateness, LatenessTally } from './lateness.ts';
import type { Slots } from './slots.ts';
import { WaitingLine } from './waiting-line.ts';

export interface ReplayConditions {
  readonly seconds: number;
  /** Slots that are there when the span begins, with what runs on them. Used up. */
  readonly slots: Slots;
  /** The latest good start of each row, in µs from the begin of the span; and the same for rows that new slots come too late for. */
  readonly punctualBy: Float64Array;
  readonly startBy: Float64Array;
  /** A slot that has to be asked for can not be there before, in µs from the begin of the span. */
  readonly newSlotsAtUs: number;
}

export interface SlotPlan {
  /** Slots that must be there in each second. */
  readonly slots: readonly number[];
  readonly lateness: Lateness;
}

const SECOND_US = SECOND_MS * MS_US;

/**
 * The least slots, second by second, with which every row starts by its `startBy`, found by playing the work through and adding slots at
 * the arrival that would be late without them. Never fewer than `floor`, and never more than `maxSlots`, where work is late then. Idle
 * slots above the floor go as soon as nothing waits.
 */
export function planSlots(
  table: DemandTable,
  floor: (second: number) => number,
  maxSlots: number,
  conditions: ReplayConditions,
): SlotPlan {
  const tally = new LatenessTally(table, conditions.seconds);
  const line = new WaitingLine(table, conditions.startBy, conditions.slots, tally);
  const { slots } = line;
  /** Slots that exist and were let go: they can come back at once, because they need not be stopped when they are needed so soon. */
  let spare = 0;
  const addSlots = (to: Slots, count: number, atUs: number): void => {
    const known = Math.min(count, spare);
    to.add(atUs, known);
    to.add(Math.max(atUs, conditions.newSlotsAtUs), count - known);
  };
  const open = (count: number, atUs: number): void => {
    if (count <= 0) return;
    addSlots(slots, count, atUs);
    spare = Math.max(0, spare - count);
    line.forget();
  };
  const needed = playThrough(line, table, conditions.seconds, {
    onSecond(second, atUs) {
      const least = Math.min(floor(second), maxSlots);
      if (atUs >= conditions.newSlotsAtUs) spare = 0;
      if (line.waiting === 0 && slots.size > least) {
        const closed = slots.removeIdle(atUs, slots.size - least);
        if (atUs < conditions.newSlotsAtUs) spare += closed;
        line.forget();
      }
      open(least - slots.size, atUs);
    },
    onArrival(atUs) {
      const limit = (): number => Math.min(maxSlots - slots.size, line.waiting);
      const punctualWith = (count: number, startBy?: Float64Array): boolean =>
        line.isPunctualWith((to) => addSlots(to, count, atUs), startBy);
      // Slots that exist come back for as good a start as they can give.
      if (spare > 0 && limit() > 0 && !punctualWith(0, conditions.punctualBy)) {
        const known = Math.min(spare, limit());
        open(
          leastThat((count) => punctualWith(count, conditions.punctualBy), known),
          atUs,
        );
      }
      if (limit() <= 0 || line.isPunctual()) return;
      open(leastThat(punctualWith, limit()), atUs);
    },
  });
  return { slots: needed, lateness: tally.result() };
}

/** What is late when just these slots are there in each second: one that goes is idle, or else does not begin anything more. */
export function replaySlots(
  table: DemandTable,
  capacity: (second: number) => number,
  conditions: ReplayConditions,
): Lateness {
  const tally = new LatenessTally(table, conditions.seconds);
  const line = new WaitingLine(table, conditions.startBy, conditions.slots, tally);
  const { slots } = line;
  playThrough(line, table, conditions.seconds, {
    onSecond(second, atUs) {
      const wanted = capacity(second);
      if (slots.size > wanted) slots.removeIdle(atUs, slots.size - wanted);
      if (slots.size > wanted) slots.removeLast(slots.size - wanted);
      slots.add(atUs, Math.max(0, wanted - slots.size));
    },
    onArrival: () => undefined,
  });
  return tally.result();
}

interface Events {
  /** Before anything of the second arrives. */
  readonly onSecond: (second: number, atUs: number) => void;
  /** When all rows of an instant have joined what waits. */
  readonly onArrival: (atUs: number) => void;
}

/** Answers the greatest number of slots of each second. */
function playThrough(line: WaitingLine, table: DemandTable, seconds: number, events: Events): number[] {
  const most = new Array<number>(seconds).fill(0);
  let row = 0;
  for (let second = 0; second < seconds; second += 1) {
    const beginUs = second * SECOND_US;
    const isArrival = row < table.length && Number(table.atUs[row]) <= beginUs;
    // What could start at this very instant gives way to what arrives at it with a higher priority.
    line.advance(isArrival ? beginUs : beginUs + 1);
    events.onSecond(second, beginUs);
    most[second] = line.slots.size;
    while (row < table.length && Number(table.atUs[row]) < beginUs + SECOND_US) {
      const atUs = Math.max(beginUs, Number(table.atUs[row]));
      line.advance(atUs);
      for (; row < table.length && Number(table.atUs[row]) <= atUs; row += 1) line.enqueue(row);
      events.onArrival(atUs);
      most[second] = Math.max(Number(most[second]), line.slots.size);
    }
  }
  if (line.slots.size > 0) line.advance(Infinity);
  line.giveUp();
  return most;
}

/** The least number from 1 to `limit` that will do, or the limit. More must never be worse than fewer. */
function leastThat(willDo: (count: number) => boolean, limit: number): number {
  let fails = 0;
  let does = 1;
  while (does < limit && !willDo(does)) [fails, does] = [does, does * 2];
  does = Math.min(does, limit);
  while (does - fails > 1) {
    const middle = Math.floor((fails + does) / 2);
    if (willDo(middle)) does = middle;
    else fails = middle;
  }
  return does;
}
