import { type CronExpression, isShiftedTo, occurrencesBetween, parseCron } from './cron.ts';
import { annotateRuns } from './cron-notes.ts';
import { DAY_MS, SECOND_MS, startOfUtcDayMs } from './duration.ts';
import type { CronSchedule } from './schedule.ts';
import type { DstPolicy } from './task.ts';
import { offsetMs, type Transition, transitionsBetween } from './time-zone.ts';
import type { WhyStep } from './why-facts.ts';
import { describeInstant, describeLocalTime } from './why-text.ts';

/** What the lines of a cron schedule say of an instant, and what a change of the clocks has to do with it. */
export interface CronMatch {
  /** At least one; when it does not fire, the last one says why. */
  readonly steps: readonly WhyStep[];
  readonly fires: boolean;
}

/** Start, end and exclusions of the schedule are not looked at. */
export function explainCron(schedule: Pick<CronSchedule, 'expressions' | 'timeZone' | 'dst'>, atMs: number): CronMatch {
  const lines = schedule.expressions.map((expression) => explainLine(expression, schedule, atMs));
  const firing = lines.filter(({ fires }) => fires);
  const named = firing.length > 0 ? firing : lines.filter(({ clock }) => clock !== null);
  if (named.length > 0) {
    const names = named.map(({ text }): WhyStep => ({ rule: 'schedule', text }));
    const clocks = named.flatMap(({ clock }): WhyStep[] =>
      clock === null ? [] : [{ rule: 'time-zone', text: clock }],
    );
    return { steps: [...names, ...clocks], fires: firing.length > 0 };
  }
  const notes = new Set(schedule.expressions.flatMap((expression) => gapsOfDay(expression, schedule, atMs)));
  const faults = lines.map(({ text }) => text).join('; ');
  const text = `No line names ${describeInstant(schedule.timeZone, atMs)}: ${faults}.`;
  return {
    steps: [...[...notes].map((note): WhyStep => ({ rule: 'time-zone', text: note })), { rule: 'schedule', text }],
    fires: false,
  };
}

interface LineMatch {
  readonly fires: boolean;
  readonly text: string;
  /** Null: no change of the clocks plays a part. */
  readonly clock: string | null;
}

type Zone = Pick<CronSchedule, 'timeZone' | 'dst'>;

function explainLine(expression: string, { timeZone, dst }: Zone, atMs: number): LineMatch {
  const cron = parseCron(expression);
  const fires = occurrencesBetween(cron, timeZone, dst, atMs, atMs + 1, 1).length > 0;
  const localMs = atMs + offsetMs(timeZone, atMs);
  const isShown = showsAt(cron, localMs);
  const gap = gapsBetween(cron, timeZone, atMs, atMs + 1)[0];
  if (gap !== undefined && (!isShown || dst.gap === 'shift')) {
    const also = isShown ? ` and ${describeLocalTime(localMs, localMs)}` : '';
    return { fires, text: `The line "${cron.text}" names ${gap.missed}${also}.`, clock: gapText(gap, dst) };
  }
  if (!isShown) return { fires, text: mismatchText(cron, localMs), clock: null };
  const text = `The line "${cron.text}" names ${describeInstant(timeZone, atMs)}.`;
  const [note] = annotateRuns(cron, timeZone, dst, [atMs]);
  const isRepeated = note === 'fold_first' || note === 'fold_last';
  return { fires, text, clock: isRepeated ? foldText(cron, dst, localMs, note) : null };
}

function foldText(cron: CronExpression, dst: DstPolicy, localMs: number, note: 'fold_first' | 'fold_last'): string {
  const which = note === 'fold_first' ? 'first' : 'second';
  const runs = cron.stepped
    ? 'both, because a line that begins with * counts elapsed time'
    : { first: 'the first', last: 'the second', both: 'both' }[dst.repeat];
  return `The clocks show ${describeLocalTime(localMs, localMs)} twice on that day; this is the ${which} of the two, and the schedule runs at ${runs}.`;
}

/** A jump of the clocks over times that a line names. */
interface Gap {
  readonly change: Transition;
  /** The first of these times, in words. */
  readonly missed: string;
}

function gapText({ change, missed }: Gap, { gap }: DstPolicy): string {
  const toMs = change.atMs + change.afterOffsetMs;
  const from = describeLocalTime(change.atMs + change.beforeOffsetMs, toMs);
  const to = describeLocalTime(toMs, toMs);
  const does = gap === 'shift' ? `so it runs at ${to}` : 'and the schedule leaves such times out';
  return `${missed} does not exist on that day: the clocks jump from ${from} to ${to}, ${does}.`;
}

function gapsBetween(cron: CronExpression, timeZone: string, fromMs: number, untilMs: number): readonly Gap[] {
  return transitionsBetween(timeZone, fromMs, untilMs)
    .filter((change) => isShiftedTo(cron, ANY_GAP, change))
    .map((change) => {
      const { atMs, beforeOffsetMs, afterOffsetMs } = change;
      const times = occurrencesBetween(cron, 'UTC', ANY_GAP, atMs + beforeOffsetMs, atMs + afterOffsetMs, 1);
      return { change, missed: times.map((localMs) => describeLocalTime(localMs, atMs + afterOffsetMs)).join('') };
    });
}

/** Jumps of the clocks on the local day of an instant that move, or leave out, what the line names: the instant itself is not on it. */
function gapsOfDay(expression: string, { timeZone, dst }: Zone, atMs: number): readonly string[] {
  const dayOf = (ms: number): number => startOfUtcDayMs(ms + offsetMs(timeZone, ms));
  return gapsBetween(parseCron(expression), timeZone, atMs - DAY_MS, atMs + DAY_MS)
    .filter(({ change }) => dayOf(change.atMs) === dayOf(atMs))
    .map((gap) => gapText(gap, dst));
}

const ANY_GAP: DstPolicy = { gap: 'shift', repeat: 'first' };

/** Whether a line names what the clock on the wall shows; UTC stands for a clock that never changes. */
function showsAt(cron: CronExpression, localMs: number): boolean {
  return occurrencesBetween(cron, 'UTC', ANY_GAP, localMs, localMs + 1, 1).length > 0;
}

/** Which fields of a line do not match a local time. Its two day fields are one condition. */
function mismatchText(cron: CronExpression, localMs: number): string {
  const written = cron.text.split(' ');
  const fields = written.length === 5 ? ['0', ...written] : written;
  const secondMs = Math.floor(localMs / SECOND_MS) * SECOND_MS;
  const shown = new Date(secondMs);
  const faults = CONDITIONS.filter(({ places }) => {
    const alone = fields.map((field, place) => (places.includes(place) ? field : '*'));
    return !showsAt(parseCron(alone.join(' ')), secondMs);
  }).map(({ places, say }) => {
    const texts = places.map((place) => String(fields[place])).filter((text) => text !== '*');
    return `${say(shown)} is not in ${texts.join(' or ')}`;
  });
  if (secondMs !== localMs) faults.push('cron names whole seconds');
  return `"${cron.text}" does not match, because ${faults.join(' and ')}`;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const CONDITIONS: readonly { readonly places: readonly number[]; readonly say: (shown: Date) => string }[] = [
  { places: [4], say: (shown) => `month ${shown.getUTCMonth() + 1}` },
  { places: [3, 5], say: (shown) => `${DAYS[shown.getUTCDay()]}, day ${shown.getUTCDate()} of the month,` },
  { places: [2], say: (shown) => `hour ${shown.getUTCHours()}` },
  { places: [1], say: (shown) => `minute ${shown.getUTCMinutes()}` },
  { places: [0], say: (shown) => `second ${shown.getUTCSeconds()}` },
];
