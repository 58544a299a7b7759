import { batchCurve } from './batch-curve.ts';
import { type DemandTable, type PlanRow, toDemandTable } from './demand-table.ts';
import { SECOND_MS } from './duration.ts';
import { type DurationStatistics, isTrusted, longestMs } from './duration-statistics.ts';
import { formulaCurve, MS_US, type Span } from './forecast.ts';
import type { Lateness } from './lateness.ts';
import { type LiveFleet, punctualByUs, slotsOf, startByUs } from './live-fleet.ts';
import { PLANNING_Z, withPlanningDurations, withReplayDurations } from './planning-duration.ts';
import { planSlots, type ReplayConditions, replaySlots } from './replay.ts';
import { shapeCurve, type Shaping } from './shaping.ts';
import { Slots } from './slots.ts';

/**
 * `formula`: never below the formula. `exact`: as few as the replay of the work accepts. `adaptive`: exact for the types whose durations are
 * well known and do not drift, and the formula for the others.
 */
export const PLAN_MODES = ['formula', 'exact', 'adaptive'] as const;
export type PlanMode = (typeof PLAN_MODES)[number];

export interface FleetPlanSettings extends Shaping {
  readonly slotsPerReplica: number;
  /**
   * How long a replica takes from being asked for to taking work; the lead time when left out. The lead time is longer where not every
   * moment is one at which replicas can be asked for.
   */
  readonly startUpMs?: number | undefined;
  /** `formula` when left out. */
  readonly mode?: PlanMode | undefined;
}

/** What is known beyond the rows. All of it may be left out. */
export interface PlanKnowledge {
  /** How long runs take, by task type; where it says nothing the durations of the rows are planned with. */
  readonly durations?: ReadonlyMap<string, DurationStatistics> | undefined;
  /** What handing over one occurrence costs its slot. */
  readonly overheadMs?: number | undefined;
  /** The fleet at the begin of the span. Rows that were due before then still wait; without it they are taken to have gone as planned. */
  readonly fleet?: LiveFleet | undefined;
  /** Replicas that are needed in each second for another reason: what they can do is planned with. */
  readonly neededAnyway?: readonly number[] | undefined;
  /** What was needed in each of the seconds before the span, the last one last: valleys and tails reach over the begin of the span. */
  readonly neededBefore?: readonly number[] | undefined;
  /** Slots that work takes which is no row: a constant. */
  readonly unscheduledSlots?: number | undefined;
}

/** The plan, second by second from `span.fromMs`, in replicas. */
export interface FleetPlan {
  /** What the formula says, with the durations of the rows. */
  readonly required: readonly number[];
  /** What must be there, so that everything starts in time. */
  readonly needed: readonly number[];
  /** What will be asked for: what is needed, ahead of time, smoothed, within the limits. */
  readonly planned: readonly number[];
  /** The formula with mean durations, and with what durations are planned at. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** What starts late all the same, although what is planned is there, when runs take as long as they do on average. */
  readonly lateness: Lateness;
}

/** Replicas needed and asked for over a span, from the work that falls due in it. The order of the rows does not matter. */
export function planFleet(
  rows: readonly PlanRow[],
  span: Span,
  settings: FleetPlanSettings,
  knowledge: PlanKnowledge = {},
): FleetPlan {
  if (knowledge.fleet !== undefined || knowledge.neededBefore !== undefined) {
    return planSpan(rows, span, settings, knowledge);
  }
  // Nobody says what came of the work before the span, so the plan begins a little earlier.
  const neededAnyway = [...new Array<number>(PRELUDE_SECONDS).fill(0), ...(knowledge.neededAnyway ?? [])];
  const longer = { fromMs: span.fromMs - PRELUDE_SECONDS * SECOND_MS, seconds: span.seconds + PRELUDE_SECONDS };
  const plan = planSpan(rows, longer, settings, { ...knowledge, neededAnyway });
  const [early, perSecond] = [
    plan.lateness.perSecond.slice(0, PRELUDE_SECONDS),
    plan.lateness.perSecond.slice(PRELUDE_SECONDS),
  ];
  return {
    required: plan.required.slice(PRELUDE_SECONDS),
    needed: plan.needed.slice(PRELUDE_SECONDS),
    planned: plan.planned.slice(PRELUDE_SECONDS),
    low: plan.low.slice(PRELUDE_SECONDS),
    high: plan.high.slice(PRELUDE_SECONDS),
    lateness: {
      ...plan.lateness,
      perSecond: perSecond.map((count, second) => count + (second === 0 ? early.reduce((a, b) => a + b, 0) : 0)),
    },
  };
}

/** A short run that started in time has ended this long after it was due. */
const PRELUDE_SECONDS = 20;

function planSpan(
  rows: readonly PlanRow[],
  span: Span,
  settings: FleetPlanSettings,
  knowledge: PlanKnowledge,
): FleetPlan {
  const { durations = new Map<string, DurationStatistics>(), overheadMs = 0 } = knowledge;
  const isPlain = durations.size === 0 && overheadMs === 0;
  const reserve = { z: PLANNING_Z, overheadMs };
  const careful = isPlain ? rows : withPlanningDurations(rows, durations, reserve);
  const replayed = isPlain ? rows : withReplayDurations(rows, durations, reserve, careful);
  const means = isPlain ? rows : withPlanningDurations(rows, durations, { z: 0, overheadMs: 0 });
  const curveOf = (some: readonly PlanRow[]): number[] => formulaCurve(some, span, settings.slotsPerReplica);
  const required = curveOf(rows);
  const low = isPlain ? required : curveOf(means);
  const high = isPlain ? required : curveOf(careful);
  const floor = floorOf({ careful, replayed }, span, settings, knowledge);
  const work = { replayed, means: isPlain ? undefined : means, floor };
  return { required, low, high, ...planReplicas(work, span, settings, knowledge) };
}

/** How often a plan is raised for low work that begins in slots which are there a little earlier than it needs. */
const MAX_ROUNDS = 4;

interface Work {
  /** As the replay plans them. */
  readonly replayed: readonly PlanRow[];
  /** The same rows with mean durations, where these are others. */
  readonly means: readonly PlanRow[] | undefined;
  /** Least slots by second; empty for none. */
  readonly floor: readonly number[];
}

function planReplicas(
  { replayed, means, floor }: Work,
  span: Span,
  settings: FleetPlanSettings,
  knowledge: PlanKnowledge,
): Replicas {
  const { slotsPerReplica, minReplicas, maxReplicas } = settings;
  const { fleet, neededAnyway = [], neededBefore = [], unscheduledSlots = 0 } = knowledge;
  const replayOf = (rows: readonly PlanRow[]): [DemandTable, () => ReplayConditions] => {
    const waiting = fleet === undefined ? rows.filter(({ atMs }) => atMs >= span.fromMs) : rows;
    const demand = toDemandTable(waiting, span);
    return [demand, () => conditionsOf(rows, demand, span, settings, knowledge)];
  };
  const [table, conditions] = replayOf(replayed);
  const { newSlotsAtUs, slots: existing } = conditions();
  // Work that is no row takes its slots all the time: what is left is for the rows.
  const unscheduled = Math.ceil(unscheduledSlots);
  const slotsFor = (replicas: number): number => Math.max(0, replicas * slotsPerReplica - unscheduled);
  const replicasFor = (slots: number): number => Math.ceil((slots + unscheduled) / slotsPerReplica);
  const leastSlots = (kept: readonly number[], second: number): number =>
    Math.max(slotsFor(minReplicas), floor[second] ?? 0, slotsFor(kept[second] ?? 0));
  const shaped = (needed: readonly number[]): number[] =>
    shapeCurve([...neededBefore, ...needed], settings).slice(neededBefore.length);
  const plan = (kept: readonly number[]): Replicas => {
    const floorAt = (second: number): number => leastSlots(kept, second);
    const replay = planSlots(table, floorAt, slotsFor(maxReplicas), conditions());
    const needed = replay.slots.map(replicasFor);
    return { needed, planned: shaped(needed), lateness: replay.lateness };
  };
  const leastCost = (kept: readonly number[]): number =>
    costOf(shaped(Array.from({ length: span.seconds }, (_, second) => replicasFor(leastSlots(kept, second)))));
  /** With the fleet that will be there: before a new replica can be there, no more than there are. */
  const latenessOf = (planned: readonly number[], [demand, begin]: [DemandTable, () => ReplayConditions]): Lateness =>
    replaySlots(
      demand,
      (second) => {
        const wanted = slotsFor(Number(planned[second]));
        return second * SECOND_MS * MS_US < newSlotsAtUs ? Math.min(wanted, existing.size) : wanted;
      },
      begin(),
    );

  let best = plan(neededAnyway);
  if (fleet === undefined && settings.mode !== 'formula' && settings.mode !== undefined)
    best = levelled(best, { plan, leastCost }, neededAnyway, settings);
  const isRanked = table.priority.some((priority) => priority !== table.priority[0]);
  if (best.lateness.count === 0 && !isRanked) return best;
  // The fleet that will be there is larger than the least that is needed: it is played through once more. What comes of that is better,
  // but for priorities: a free slot may take low work just before high work comes.
  let lateness = latenessOf(best.planned, [table, conditions]);
  for (let round = 0; isRanked && lateness.count > 0 && round < MAX_ROUNDS; round += 1) {
    best = plan(best.planned); // never below what is needed anyway
    lateness = latenessOf(best.planned, [table, conditions]);
  }
  return { ...best, lateness: means === undefined ? lateness : latenessOf(best.planned, replayOf(means)) };
}

/**
 * The least slots in each second that are not up to the replay: the formula, where it is to be kept to. Work that needs the formula has its
 * slots beside those of the work that does not.
 */
function floorOf(
  { careful, replayed }: { readonly careful: readonly PlanRow[]; readonly replayed: readonly PlanRow[] },
  span: Span,
  settings: FleetPlanSettings,
  knowledge: PlanKnowledge,
): readonly number[] {
  const { mode = 'formula' } = settings;
  const isTight = ({ taskType }: PlanRow): boolean => {
    const known = knowledge.durations?.get(taskType);
    return mode === 'exact' || (mode === 'adaptive' && known !== undefined && isTrusted(known));
  };
  const loose = careful.filter((row) => !isTight(row));
  const tight = replayed.filter(isTight);
  const isVaried = knowledge.durations !== undefined && knowledge.durations.size > 0;
  const batches = isVaried ? batchCurve(tight, span) : [];
  if (loose.length === 0) return batches;
  const formula = formulaCurve(loose, span, 1);
  if (tight.length === 0) return formula;
  const table = toDemandTable(
    knowledge.fleet === undefined ? tight.filter(({ atMs }) => atMs >= span.fromMs) : tight,
    span,
  );
  const { slots } = planSlots(
    table,
    (second) => Number(batches[second]), // durations are known, or nothing would be tight beside the loose
    Infinity,
    conditionsOf(tight, table, span, settings, knowledge),
  );
  return slots.map((count, second) => count + Number(formula[second]));
}

type Replicas = Pick<FleetPlan, 'needed' | 'planned' | 'lateness'>;

/** Plans that keep at least so many replicas in each second. */
interface KeepingPlans {
  readonly plan: (kept: readonly number[]) => Replicas;
  /** In replica-seconds: no such plan costs less, whatever the replay adds. */
  readonly leastCost: (kept: readonly number[]) => number;
}

/** Levels, as parts of what is there anyway between the peaks, that are tried for the slots to be had from the first of them on. */
const LEVELS = [0.9, 0.8, 0.7];

/**
 * The replay adds slots where work would be late, so that a peak finds a queue as long as may be, and needs slots for both. Replicas that
 * stay between the peaks all the same can keep that queue short. Of some levels at which they might stay, the cheapest.
 */
function levelled(
  first: Replicas,
  { plan, leastCost }: KeepingPlans,
  neededAnyway: readonly number[],
  settings: FleetPlanSettings,
): Replicas {
  const there = shapeCurve(first.needed, { ...settings, leadTimeMs: 0, tailMs: 0 });
  let best = first;
  for (const level of LEVELS) {
    const kept = there.map((replicas, second) => Math.max(Math.ceil(replicas * level), neededAnyway[second] ?? 0));
    if (leastCost(kept) >= costOf(best.planned)) continue; // which saves a replay
    const candidate = plan(kept);
    const isNoLater = candidate.lateness.count <= best.lateness.count;
    if (isNoLater && costOf(candidate.planned) < costOf(best.planned)) best = candidate;
  }
  return best;
}

/** In replica-seconds. */
function costOf(planned: readonly number[]): number {
  return planned.reduce((sum, replicas) => sum + replicas, 0);
}

function conditionsOf(
  rows: readonly PlanRow[],
  table: DemandTable,
  span: Span,
  { leadTimeMs, startUpMs = leadTimeMs }: FleetPlanSettings,
  { fleet, durations }: PlanKnowledge,
): ReplayConditions {
  const newSlotsAtUs = fleet === undefined ? -Infinity : startUpMs * MS_US;
  return {
    seconds: span.seconds,
    slots:
      fleet === undefined
        ? slotsInUse(rows, span)
        : slotsOf(fleet, span, { leadTimeMs, longestMs: (taskType) => longestMs(durations?.get(taskType)) }),
    punctualBy: table.atUs.map((atUs, row) => punctualByUs(atUs, table.startWithinUs[row])),
    startBy: table.atUs.map((atUs, row) => startByUs(atUs, newSlotsAtUs, table.startWithinUs[row])),
    newSlotsAtUs,
  };
}

/** Without a word about the fleet, what was due before the span began in time, each on its slot, and runs for as long as is planned. */
function slotsInUse(rows: readonly PlanRow[], span: Span): Slots {
  const slots = new Slots();
  for (const { atMs, durationMs, count } of rows) {
    const endMs = atMs + durationMs;
    if (atMs < span.fromMs && endMs > span.fromMs) slots.add(Math.round((endMs - span.fromMs) * MS_US), count);
  }
  return slots;
}
