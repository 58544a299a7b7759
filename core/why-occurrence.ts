import type {
  WhyFacts,
  WhyFinding,
  WhyOccurrence,
  WhyRevision,
  WhyRuleName,
  WhyRun,
  WhyStep,
  WhyVerdict,
} from './why-facts.ts';
import { explainSchedule, zoneOf } from './why-schedule.ts';
import { describeInstant, describeLength } from './why-text.ts';

/** What brought an occurrence about, what moved it, and what became of it. */
export function explainOccurrence(facts: WhyFacts, occurrence: WhyOccurrence): WhyFinding {
  const zone = zoneOf((facts.revision ?? facts.present).schedule);
  const tell = (instantMs: number): string => describeInstant(zone, instantMs);
  return {
    verdict: verdictOf(occurrence),
    steps: [
      ...originOf(facts, occurrence),
      ...displacementOf(occurrence, facts.revision ?? facts.present, tell),
      ...endOf(facts, occurrence, tell),
    ],
  };
}

type Tell = (instantMs: number) => string;

function verdictOf({ status, attempt }: WhyOccurrence): WhyVerdict {
  switch (status) {
    case 'Scheduled':
    case 'Queued':
      return 'will-run';
    case 'Running':
      return 'running';
    case 'Completed':
    case 'Failed':
      return 'ran';
    case 'Skipped':
    case 'Expired':
      return 'did-not-run';
    case 'Cancelled':
      return attempt > 0 ? 'ran' : 'did-not-run';
  }
}

/** Why there is an occurrence at all. */
function originOf({ revision }: WhyFacts, { trigger, scheduledMs, under }: WhyOccurrence): readonly WhyStep[] {
  if (trigger === 'manual') return [{ rule: 'person', text: 'A person asked for this run.' }];
  const called = [revision, under].flatMap((one) =>
    one === null ? [] : [explainSchedule(one.schedule, one.firstMs, scheduledMs)],
  );
  const match = called.find(({ falls }) => falls);
  const steps = match?.steps ?? [{ rule: 'schedule', text: 'The schedule of an earlier revision called for it.' }];
  if (trigger !== 'backfill') return steps;
  return [...steps, { rule: 'person', text: 'A person asked for a backfill of this time.' }];
}

/** What made it due at another instant than its own. */
function displacementOf(occurrence: WhyOccurrence, revision: WhyRevision, tell: Tell): readonly WhyStep[] {
  const { trigger, scheduledMs, movedMs, blockedBy, attempt, dueMs, claimedDueMs } = occurrence;
  const presentDueMs = dueMs ?? claimedDueMs;
  const steps: WhyStep[] = [];
  const firstDueMs = occurrence.runs.at(-1)?.dueMs ?? (attempt === 0 ? presentDueMs : null);
  const { flexibleWindowMs, advice } = revision;
  if (trigger === 'schedule' && movedMs === null && blockedBy === null && firstDueMs !== null) {
    const laterMs = firstDueMs - scheduledMs;
    if (laterMs > 0 && laterMs <= flexibleWindowMs) {
      const window = describeLength(flexibleWindowMs);
      const place = `${describeLength(laterMs)} after its time, within its flexible window of ${window}: at ${tell(firstDueMs)}.`;
      const text = advice?.offsetMs === laterMs ? `Advice ${advice.id} moved it to ${place}` : `Its place is ${place}`;
      steps.push({ rule: 'placement', text });
    }
  }
  if (movedMs !== null) {
    const to = firstDueMs === null ? '' : `, to ${tell(firstDueMs)}`;
    steps.push({ rule: 'moved', text: `A person moved it at ${tell(movedMs)}${to}.` });
  }
  if (trigger === 'catch-up') {
    const when = firstDueMs === null ? '' : `, at ${tell(firstDueMs)}`;
    const text = `Its time passed while nobody was there, and the misfire policy ${revision.misfire} has it run later${when}.`;
    steps.push({ rule: 'misfire', text });
  }
  return steps;
}

/** What became of it, or what it waits for. The verdict follows from the last step, and when there is none from what is before. */
function endOf(facts: WhyFacts, occurrence: WhyOccurrence, tell: Tell): readonly WhyStep[] {
  const { status, blockedBy, attempt } = occurrence;
  switch (status) {
    case 'Scheduled':
    case 'Queued':
      return waitOf(facts, occurrence, tell);
    case 'Running':
    case 'Completed':
    case 'Failed': {
      const wait = blockedBy === null ? [] : [step('overlap', `It waited for the occurrence ${blockedBy} to end`)];
      return [...wait, ...triesOf(occurrence), step('run', runText(occurrence, tell))];
    }
    case 'Skipped': {
      const rule = blockedBy === null && reasonOf(occurrence).startsWith('missed') ? 'misfire' : 'overlap';
      return [step(rule, `It was skipped: ${reasonOf(occurrence)}`)];
    }
    case 'Expired':
      return [step('start-expiry', `It expired: ${reasonOf(occurrence)}${limitText(facts)}`)];
    case 'Cancelled': {
      const text = `It was cancelled: ${reasonOf(occurrence)}`;
      const tries = attempt === 0 ? [] : attemptsText(occurrence.runs);
      return [...tries, step(cancellerOf(occurrence), text)];
    }
  }
}

function waitOf({ nowMs }: WhyFacts, occurrence: WhyOccurrence, tell: Tell): readonly WhyStep[] {
  const { status, blockedBy, attempt, dueMs, reason, isLeftToCatchUp } = occurrence;
  const steps: WhyStep[] = [];
  if (blockedBy !== null) {
    const waits = reason?.startsWith('waits') === true ? reason : `waits until the occurrence ${blockedBy} has ended`;
    steps.push(step('overlap', `It ${waits}`));
  }
  if (attempt > 0) {
    const again = dueMs === null ? 'next' : `at ${tell(dueMs)}`;
    steps.push(...attemptsText(occurrence.runs), step('retry', `It is tried again ${again}`));
    if (reason === 'redriven') steps.push(step('person', 'A person sent it round again'));
  }
  if (isLeftToCatchUp) {
    steps.push(
      step('misfire', 'Its time passed while nobody handed out work, and its misfire policy decides about it next'),
    );
  } else if (status === 'Queued') {
    steps.push(step('run', 'It is on its way to a processor'));
  } else if (dueMs !== null && dueMs <= nowMs) {
    steps.push(step('run', `It has been due since ${tell(dueMs)}, and is handed out next`));
  }
  return steps;
}

/** The attempts before the last one. */
function triesOf({ runs }: WhyOccurrence): readonly WhyStep[] {
  return attemptsText(runs.slice(1));
}

function attemptsText(runs: readonly WhyRun[]): readonly WhyStep[] {
  const [last] = runs;
  if (last === undefined) return [];
  const why = last.error === null ? '' : `: ${withoutStop(last.error)}`;
  return [step('retry', `Attempt ${last.attempt} ended as ${last.outcome ?? 'running'}${why}`)];
}

function runText({ status, runs, attempt, startMs, lockedBy, reason }: WhyOccurrence, tell: Tell): string {
  const [run] = runs;
  const started = startMs === null ? '' : ` started at ${tell(startMs)}`;
  const late = run === undefined ? '' : `, ${describeLength(Math.max(0, run.startMs - run.dueMs))} after it was due`;
  const where = run?.processor ?? lockedBy;
  const on = where === null ? '' : `, on ${where}`;
  const took = run?.elapsedMs == null ? '' : ` within ${describeLength(run.elapsedMs)}`;
  const attemptText = `Attempt ${attempt}${started}${late}${on}`;
  switch (status) {
    case 'Running':
      return attemptText;
    case 'Completed':
      return `${attemptText}, and completed${took}`;
    default: {
      const cause = run?.error ?? reason;
      return `${attemptText}, and failed for good, as a dead letter${cause === null ? '' : `: ${withoutStop(cause)}`}`;
    }
  }
}

function limitText({ revision, present }: WhyFacts): string {
  const { startExpiryMs } = revision ?? present;
  return startExpiryMs === null ? '' : `, ${describeLength(startExpiryMs)} after its time`;
}

/** Who cancels says so in the reason; these are all that do. */
const CANCELLERS: readonly (readonly [RegExp, WhyRuleName])[] = [
  [/^cancelled by a person/, 'person'],
  [/^ended so that occurrence/, 'overlap'],
  [/^the task was (?:edited|changed)/, 'edit'],
  [/^a calendar of the task was changed/, 'exclusion'],
  [/^the task was (?:paused|deactivated)/, 'status'],
  [/^the task was deleted/, 'task'],
];

function cancellerOf(occurrence: WhyOccurrence): WhyRuleName {
  return CANCELLERS.find(([pattern]) => pattern.test(reasonOf(occurrence)))?.[1] ?? 'run';
}

function reasonOf({ reason, status }: WhyOccurrence): string {
  return withoutStop(reason ?? `no reason was recorded for ${status}`);
}

function step(rule: WhyRuleName, text: string): WhyStep {
  return { rule, text: `${text}.` };
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
