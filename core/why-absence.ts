import { DAY_MS, startOfUtcDayMs } from './duration.ts';
import { writtenFromMs } from './plan.ts';
import { instantsBetween, nextInstants, runsLeft } from './schedule.ts';
import type { WhyFacts, WhyFinding, WhyRevision, WhyRuleName, WhyStep, WhyVerdict } from './why-facts.ts';
import { explainSchedule, zoneOf } from './why-schedule.ts';
import { describeInstant } from './why-text.ts';

/** Why there is no occurrence at an instant, or not yet: the first rule that keeps it from being there. */
export function explainAbsence(facts: WhyFacts): WhyFinding {
  const { atMs, revision } = facts;
  if (revision === null) return explainUnknownTask(facts);
  if (revision.isDeleted) {
    const text = `The task was deleted at ${describeInstant(zoneOf(revision.schedule), revision.validFromMs)}.`;
    return { verdict: 'not-scheduled', steps: [{ rule: 'task', text }] };
  }
  const { steps, falls } = explainSchedule(revision.schedule, revision.firstMs, atMs);
  if (!falls) return { verdict: 'not-scheduled', steps };
  const finding = explainStop(facts, revision) ?? explainLimit(atMs, revision) ?? explainExpansion(facts, revision);
  return { verdict: finding.verdict, steps: [...steps, ...finding.steps] };
}

function explainUnknownTask({ atMs, createdMs, knownFromMs }: WhyFacts): WhyFinding {
  if (atMs < createdMs) {
    return finding('not-scheduled', 'task', `The task was created later, at ${describeInstant('UTC', createdMs)}.`);
  }
  const from = describeInstant('UTC', knownFromMs);
  return finding('unknown', 'task', `The record of what the task was begins later, at ${from}.`);
}

/** The task is inactive or paused; undefined: it is active. A pause with an end is over by itself, and then the other rules are asked too. */
function explainStop({ atMs, nowMs }: WhyFacts, revision: WhyRevision): WhyFinding | undefined {
  const { status, statusReason, pausedUntilMs, validFromMs, validUntilMs } = revision;
  if (status === 'active' || goesOnBefore(revision, atMs, nowMs)) return undefined;
  const tell = (instantMs: number): string => describeInstant(zoneOf(revision.schedule), instantMs);
  const endMs = validUntilMs ?? pausedUntilMs;
  const until = endMs === null ? '' : ` until ${tell(endMs)}`;
  const reason = statusReason === null ? '' : `: ${withoutStop(statusReason)}`;
  const is = validUntilMs === null ? 'has been' : 'was';
  const text = `The task ${is} ${status} from ${tell(validFromMs)}${until}${reason}.`;
  return finding(atMs > nowMs ? 'not-scheduled' : 'did-not-run', 'status', text);
}

function goesOnBefore({ status, pausedUntilMs, validUntilMs }: WhyRevision, atMs: number, nowMs: number): boolean {
  return status === 'paused' && validUntilMs === null && pausedUntilMs !== null && atMs > pausedUntilMs && atMs > nowMs;
}

/** To count more occurrences than this would take too long; the answer is then the one without a limit. */
const MAX_COUNTED = 100_000;

function explainLimit(atMs: number, revision: WhyRevision): WhyFinding | undefined {
  const { schedule, slotsDecided, lastSlotMs, expandedUntilMs, pausedUntilMs } = revision;
  const left = runsLeft(schedule, slotsDecided);
  if (left === Infinity) return undefined;
  const refuse = (endMs: number | null): WhyFinding => {
    const last = endMs === null ? '' : `, the last one at ${describeInstant(zoneOf(schedule), endMs)}`;
    return finding(
      'not-scheduled',
      'max-runs',
      `The schedule has had all the occurrences that its limit allows${last}.`,
    );
  };
  if (lastSlotMs !== null) return atMs > lastSlotMs ? refuse(lastSlotMs) : undefined;
  if (expandedUntilMs === null || atMs < expandedUntilMs) return undefined;
  const fromMs = Math.max(expandedUntilMs, pausedUntilMs ?? expandedUntilMs);
  const counted = instantsBetween(schedule, fromMs, atMs + 1, Math.min(left, MAX_COUNTED));
  const endMs = counted.at(-1) ?? null;
  return counted.length === left && endMs !== atMs ? refuse(endMs) : undefined;
}

function explainExpansion(facts: WhyFacts, revision: WhyRevision): WhyFinding {
  const { atMs, nowMs, retentionDays } = facts;
  const { expandError, expandedUntilMs, pausedUntilMs, schedule } = revision;
  const tell = (instantMs: number): string => describeInstant(zoneOf(schedule), instantMs);
  const isUndecided = revision.validUntilMs === null && expandedUntilMs !== null && atMs >= expandedUntilMs;
  if (isUndecided && expandError !== null) {
    const text = `The schedule can not be expanded until the task is edited: ${withoutStop(expandError)}.`;
    return finding(atMs > nowMs ? 'not-scheduled' : 'did-not-run', 'expansion', text);
  }
  if (isUndecided && atMs <= nowMs) return explainLate(facts, revision);
  if (isUndecided) {
    if (revision.status === 'paused') {
      const text = `The task is paused until ${tell(Number(pausedUntilMs))}, and goes on by itself then.`;
      return finding('will-run', 'status', text);
    }
    const whenMs = writtenFromMs(atMs);
    const when = whenMs > nowMs ? `at ${tell(whenMs)}` : 'with the next turn of a scheduler';
    return finding('will-run', 'expansion', `The schedule calls for it, and its row is written ${when}.`);
  }
  if (startOfUtcDayMs(atMs) < startOfUtcDayMs(nowMs) - retentionDays * DAY_MS) {
    const text = `The schedule called for it, but occurrences are kept for ${retentionDays} days, and this one is older.`;
    return finding('unknown', 'expansion', text);
  }
  const text =
    'The schedule called for it, and nothing was recorded. This is a fault: the ledger counts it as unaccounted.';
  return finding('did-not-run', 'expansion', text);
}

/** Its time has passed and no scheduler has come to it yet: what the expander will decide. */
function explainLate({ atMs, nowMs, graceMs }: WhyFacts, revision: WhyRevision): WhyFinding {
  const { misfire, misfireGraceMs, flexibleWindowMs, schedule, expandedUntilMs } = revision;
  const missedBeforeMs = nowMs - (misfireGraceMs ?? graceMs) - flexibleWindowMs;
  const late: WhyStep = {
    rule: 'expansion',
    text: `No scheduler has been there: rows are written up to ${describeInstant(zoneOf(schedule), Number(expandedUntilMs))} only.`,
  };
  if (atMs >= missedBeforeMs) return { verdict: 'will-run', steps: [late] };
  const [laterMs] = nextInstants(schedule, atMs, 1);
  const isLeftOut = misfire === 'skip' || (misfire === 'latest' && laterMs !== undefined && laterMs < missedBeforeMs);
  const text = `The misfire policy is ${misfire}, so it is ${isLeftOut ? 'left out' : 'caught up with'} once a scheduler is there.`;
  return { verdict: isLeftOut ? 'did-not-run' : 'will-run', steps: [late, { rule: 'misfire', text }] };
}

function finding(verdict: WhyVerdict, rule: WhyRuleName, text: string): WhyFinding {
  return { verdict, steps: [{ rule, text }] };
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
