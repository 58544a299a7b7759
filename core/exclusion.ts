import { DAY_MS, MINUTE_MS, startOfUtcDayMs } from './duration.ts';
import { type ExclusionRule, type ExclusionSet } from './task.ts';
import { offsetMs, transitionsBetween } from './time-zone.ts';

/** Why nothing runs at an instant, and until when this is so for certain. */
export interface Exclusion {
  /** The calendar's name; null: a blackout window of the task itself. */
  readonly calendar: string | null;
  readonly label: string | null;
  readonly rule: ExclusionRule;
  /** Every instant from the one that was asked for up to here is excluded as well. */
  readonly untilMs: number;
}

/** An exclusion that an instant falls into. Times of day are what the clock on the wall shows. */
export function exclusionAt(sets: readonly ExclusionSet[], atMs: number): Exclusion | undefined {
  for (const { calendar, timeZone, rules } of sets) {
    const { dates, others, needsClock } = indexOf(rules);
    const clock = { timeZone, atMs, offsetMs: needsClock ? offsetMs(timeZone, atMs) : 0 };
    const dayMs = startOfUtcDayMs(atMs + clock.offsetMs);
    const date = dates.get(dayMs);
    if (date !== undefined) {
      return { calendar, label: date.label, rule: date, untilMs: toInstant(clock, dayMs + DAY_MS) };
    }
    for (const rule of others) {
      const untilMs = endOf(rule, clock);
      if (untilMs !== undefined) return { calendar, label: rule.label, rule, untilMs };
    }
  }
  return undefined;
}

/**
 * The first `limit` instants that are not excluded. `generate(fromMs, count)` gives the next `count` at or after an instant, in order, and
 * fewer only when there are no more. A long exclusion is stepped over, not walked through.
 */
export function skipExcluded(
  generate: (fromMs: number, count: number) => readonly number[],
  sets: readonly ExclusionSet[],
  fromMs: number,
  limit: number,
): readonly number[] {
  if (sets.every(({ rules }) => rules.length === 0)) return generate(fromMs, limit);
  const found: number[] = [];
  for (let nextMs = fromMs; found.length < limit;) {
    const chunk = generate(nextMs, limit - found.length);
    let freeMs = nextMs;
    for (const atMs of chunk) {
      if (atMs < freeMs) continue;
      const exclusion = exclusionAt(sets, atMs);
      if (exclusion === undefined) found.push(atMs);
      else freeMs = exclusion.untilMs;
    }
    const lastMs = chunk.at(-1);
    if (lastMs === undefined || freeMs === Infinity) break;
    nextMs = Math.max(lastMs + 1, freeMs);
  }
  return found;
}

interface WallClock {
  readonly timeZone: string;
  readonly atMs: number;
  readonly offsetMs: number;
}

type DateRule = Extract<ExclusionRule, { kind: 'date' }>;
type OtherRule = Exclude<ExclusionRule, { kind: 'date' }>;

interface RuleIndex {
  /** By the start of the day, as if local time were UTC. */
  readonly dates: ReadonlyMap<number, DateRule>;
  readonly others: readonly OtherRule[];
  /** Whether any rule asks for the clock on the wall. */
  readonly needsClock: boolean;
}

/** A calendar has thousands of dates, and is asked about thousands of instants: a memory of pure results that ends with the rules. */
const indexes = new WeakMap<readonly ExclusionRule[], RuleIndex>();

function indexOf(rules: readonly ExclusionRule[]): RuleIndex {
  const known = indexes.get(rules);
  if (known !== undefined) return known;
  const index = {
    dates: new Map(rules.flatMap((rule) => (rule.kind === 'date' ? [[Date.parse(rule.date), rule] as const] : []))),
    others: rules.filter((rule) => rule.kind !== 'date'),
    needsClock: rules.some(({ kind }) => kind !== 'range'),
  };
  indexes.set(rules, index);
  return index;
}

/** The instant at which the rule no longer holds; undefined: it does not hold at the instant. */
function endOf(rule: OtherRule, clock: WallClock): number | undefined {
  switch (rule.kind) {
    case 'range':
      return clock.atMs >= rule.fromMs && clock.atMs < rule.untilMs ? rule.untilMs : undefined;
    case 'weekly': {
      const endLocalMs = endOfWindow(rule, clock.atMs + clock.offsetMs);
      return endLocalMs === undefined ? undefined : toInstant(clock, endLocalMs);
    }
  }
}

function endOfWindow(rule: Extract<ExclusionRule, { kind: 'weekly' }>, localMs: number): number | undefined {
  const todayMs = startOfUtcDayMs(localMs);
  const isOvernight = rule.untilMinute <= rule.fromMinute;
  // A window that opened yesterday may still be open.
  for (const dayMs of isOvernight ? [todayMs - DAY_MS, todayMs] : [todayMs]) {
    if (!rule.weekdays.includes(new Date(dayMs).getUTCDay())) continue;
    const endMs = dayMs + rule.untilMinute * MINUTE_MS + (isOvernight ? DAY_MS : 0);
    if (localMs >= dayMs + rule.fromMinute * MINUTE_MS && localMs < endMs) return endMs;
  }
  return undefined;
}

/** When the wall shows a time that is still to come; at a change of the clocks on the way there it is asked again. */
function toInstant({ timeZone, atMs, offsetMs: offset }: WallClock, localMs: number): number {
  const endMs = localMs - offset;
  const [change] = transitionsBetween(timeZone, atMs + 1, endMs);
  return change === undefined ? endMs : change.atMs;
}
