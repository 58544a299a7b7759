import type { Broker } from '../broker/broker.ts';
import { DemandMemory } from '../core/demand-memory.ts';
import { HOUR_MS, SECOND_MS } from '../core/duration.ts';
import { type FleetPlanSettings, planFleet } from '../core/fleet-plan.ts';
import { decideReplicas, type ReplicaDecision } from '../core/replicas.ts';
import type { Database } from '../db/database.ts';
import { readDatabaseClock } from '../db/expansion-store.ts';
import { type Demand, readDemand, readFleet, recordDecision, recordSample } from '../db/forecast-store.ts';
import { tryWriterLock } from '../db/writer-lock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { runTicker, type Wake } from '../runtime/ticker.ts';
import { type ScaleReading, type ScaleTarget, ScaleTargetError } from './scale-target.ts';

export interface AutoscalerDeps {
  readonly database: Database;
  readonly broker: Broker;
  readonly target: ScaleTarget;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Rings when schedules changed. */
  readonly wake: Wake;
}

export interface AutoscalerConfig extends FleetPlanSettings {
  readonly pool: string;
  readonly periodMs: number;
}

const UNKNOWN: ScaleReading = { desired: undefined, ready: undefined };

/** Plans the replicas of one pool again and again and asks the target for them. Of several copies one acts at a time. */
export async function runAutoscaler(
  deps: AutoscalerDeps,
  config: AutoscalerConfig,
  signal: AbortSignal,
): Promise<void> {
  const memory = new DemandMemory();
  let lastReason = '';
  await runTicker(
    async () => {
      const lock = await tryWriterLock(deps.database, `almanac.autoscaler.${config.pool}`);
      if (lock === undefined) return false;
      try {
        const state = await readState(deps, config, memory);
        const decision = decideReplicas({ ...state, maxReplicas: config.maxReplicas });
        await recordSample(deps.database, config.pool, {
          required: state.requiredNow ?? null,
          planned: state.plannedReplicas ?? null,
          ready: state.readyReplicas,
        });
        await carryOut(deps, config, decision, state.currentReplicas, decision.reason !== lastReason, signal);
        lastReason = decision.reason;
      } finally {
        await lock.release();
      }
      return false;
    },
    {
      periodMs: config.periodMs,
      signal,
      wake: deps.wake,
      onError: (error) => deps.log.error({ err: error }, 'planning failed; the replica count stays as it is'),
    },
  );
}

interface State {
  readonly plannedReplicas: number | undefined;
  readonly requiredNow: number | undefined;
  readonly currentReplicas: number | undefined;
  readonly busyReplicas: number | undefined;
  readonly readyReplicas: number;
  readonly queuedTickets: number | undefined;
  readonly overdue: number | undefined;
}

async function readState(deps: AutoscalerDeps, config: AutoscalerConfig, memory: DemandMemory): Promise<State> {
  const { database, broker, target, log, metrics } = deps;
  const nowMs = await readDatabaseClock(database);
  const horizonMs = nowMs + config.leadTimeMs + config.closingMs + HOUR_MS / 60;
  const [demand, fleet, queuedTickets, reading] = await Promise.all([
    readDemand(database, config.pool, horizonMs).catch((error: unknown): Demand | undefined => {
      log.error({ err: error }, 'the demand can not be read; the replica count stays as it is');
      return undefined;
    }),
    readFleet(database, config.pool),
    queuedIn(broker, config.pool),
    target.read().catch((error: unknown) => {
      log.warn({ err: error }, 'the scale target can not be read; the replica count stays as it is');
      return UNKNOWN;
    }),
  ]);
  const plan = demand === undefined ? undefined : planNow(demand, config, memory, nowMs);
  metrics.readyReplicas.set({ pool: config.pool }, fleet.ready);
  if (plan !== undefined) metrics.requiredReplicas.set({ pool: config.pool }, plan.planned);
  return {
    plannedReplicas: plan?.planned,
    requiredNow: plan?.required,
    currentReplicas: reading.desired,
    busyReplicas: fleet.busy,
    readyReplicas: fleet.ready,
    queuedTickets,
    overdue: demand?.overdue,
  };
}

/** The plan's value for this second. The span begins early, so that work of the last moments still casts its shadow. */
function planNow(
  demand: Demand,
  config: AutoscalerConfig,
  memory: DemandMemory,
  nowMs: number,
): { required: number; planned: number } {
  const rows = memory.include(demand.rows, nowMs);
  const thisSecondMs = Math.floor(nowMs / SECOND_MS) * SECOND_MS;
  const past = Math.ceil((config.closingMs + config.tailMs) / SECOND_MS);
  const ahead = Math.ceil((config.leadTimeMs + config.closingMs) / SECOND_MS) + 60;
  const plan = planFleet(rows, { fromMs: thisSecondMs - past * SECOND_MS, seconds: past + ahead }, config);
  return { required: plan.required[past] ?? 0, planned: plan.planned[past] ?? config.minReplicas };
}

async function queuedIn(broker: Broker, pool: string): Promise<number | undefined> {
  const depths = await Promise.all(
    (['high', 'normal', 'low'] as const).map((priority) => broker.depth({ pool, priority })),
  );
  return depths.reduce<number | undefined>(
    (sum, depth) => (sum === undefined || depth === undefined ? undefined : sum + depth),
    0,
  );
}

async function carryOut(
  { database, target, log, metrics }: AutoscalerDeps,
  { pool }: AutoscalerConfig,
  decision: ReplicaDecision,
  fromReplicas: number | undefined,
  isNews: boolean,
  signal: AbortSignal,
): Promise<void> {
  const record = { pool, target: target.name, fromReplicas: fromReplicas ?? null, reason: decision.reason };
  if (decision.kind === 'hold') {
    // Holding is the normal case: only a change of its reason is worth a row.
    if (isNews && fromReplicas !== undefined)
      await recordDecision(database, { ...record, toReplicas: fromReplicas, outcome: 'held' });
    return;
  }
  try {
    await target.apply(decision.toReplicas, signal);
    await recordDecision(database, { ...record, toReplicas: decision.toReplicas, outcome: 'applied' });
    metrics.scaleEvents.inc({ outcome: 'applied' });
    log.info({ pool, fromReplicas, toReplicas: decision.toReplicas, reason: decision.reason }, 'replicas changed');
  } catch (error) {
    if (!(error instanceof ScaleTargetError)) throw error;
    await recordDecision(database, {
      ...record,
      toReplicas: decision.toReplicas,
      outcome: 'failed',
      reason: `${decision.reason}: ${error.message}`,
    });
    metrics.scaleEvents.inc({ outcome: 'failed' });
    log.error({ err: error, pool, toReplicas: decision.toReplicas }, 'the scale target refused; it is asked again');
  }
}
