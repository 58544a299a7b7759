import { decideReplicas, NO_CONTROLS, type ReplicaDecisionInput, type ScaleControls } from '../core/replicas.ts';
import { recordPredictions } from '../db/accuracy-store.ts';
import { readControls, releaseWriter, takeWriter } from '../db/autoscaler-store.ts';
import type { Database } from '../db/database.ts';
import { recordSample } from '../db/forecast-store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { rest, runTicker, type Wake } from '../runtime/ticker.ts';
import { type Decided, DecisionWriter } from './decision-writer.ts';
import { type LivePlan, LivePlanner, type LivePlannerConfig } from './live-planner.ts';
import type { PlanBoard, PlanPoint } from './plan-view.ts';
import type { ScaleReading, ScaleTarget } from './scale-target.ts';

export interface AutoscalerDeps {
  readonly database: Database;
  readonly target: ScaleTarget;
  /** Where every copy puts its plan, whether it acts on it or not. */
  readonly board: PlanBoard;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Rings when schedules changed. */
  readonly wake: Wake;
}

export interface AutoscalerConfig extends LivePlannerConfig {
  /** Name of this copy; no two that live at one time may share it. */
  readonly holder: string;
  /** A writer that has not renewed its right for so long is replaced. At least three periods. */
  readonly writerLeaseMs: number;
}

const UNKNOWN: ScaleReading = { desired: undefined, ready: undefined };

/** Many changes in a row are one reason to plan again. */
const DEBOUNCE_MS = 500;

/**
 * Plans the replicas of one pool again and again. Every copy plans and publishes its plan; one of them, the writer, asks the target for the
 * replicas. A writer that stops renewing its right is replaced, and what it tries then is refused.
 */
export async function runAutoscaler(
  deps: AutoscalerDeps,
  config: AutoscalerConfig,
  signal: AbortSignal,
): Promise<void> {
  const { database, log } = deps;
  const memory = new Memory(deps, config);
  const writer = new DecisionWriter(deps, config);
  let fence: string | undefined;
  let lastTurnMs = -Infinity;
  await runTicker(
    async () => {
      const tooSoonMs = lastTurnMs + Math.min(DEBOUNCE_MS, config.periodMs) - performance.now();
      if (tooSoonMs > 0) await rest(tooSoonMs, signal);
      lastTurnMs = performance.now();
      const taken = await takeWriter(database, config.pool, config.holder, config.writerLeaseMs);
      if (taken !== fence && taken !== undefined) log.info({ pool: config.pool, fence: taken }, 'this copy scales now');
      fence = taken;
      const decided = await memory.decide();
      if (fence !== undefined) await act(deps, writer, config, decided, fence, signal);
      return false;
    },
    {
      periodMs: config.periodMs,
      signal,
      wake: deps.wake,
      onError: (error) => log.error({ err: error }, 'planning failed; the replica count stays as it is'),
    },
  );
  if (fence !== undefined) await releaseWriter(database, config.pool, fence).catch(() => undefined); // it runs out by itself
}

async function act(
  { database, metrics }: AutoscalerDeps,
  writer: DecisionWriter,
  { pool }: AutoscalerConfig,
  decided: Decided & { readonly plan: LivePlan | undefined },
  fence: string,
  signal: AbortSignal,
): Promise<void> {
  const { plan } = decided;
  if (plan !== undefined) {
    await recordSample(database, pool, {
      required: plan.near.required[0] ?? null,
      planned: decided.input.plannedReplicas ?? null,
      ready: plan.fleet.ready,
      busy: plan.fleet.busy,
      busySlots: plan.busySlots,
      readySlots: plan.fleet.readySlots,
    });
    for (const { horizonMinutes, required } of plan.predictions) {
      metrics.forecastReplicas.set({ pool, horizon: `${horizonMinutes}m` }, required);
    }
    if (plan.predictions.length > 0) await recordPredictions(database, pool, plan.predictions, plan.leadTimeMs);
  }
  await writer.carryOut(decided, fence, signal);
}

/** What this copy knows: its newest plan and the newest orders, which go on being worth something when the next can not be had. */
class Memory {
  readonly #deps: AutoscalerDeps;
  readonly #config: AutoscalerConfig;
  readonly #planner: LivePlanner;
  #plan: LivePlan | undefined;
  #plannedAtMs = 0;
  #controls: ScaleControls = NO_CONTROLS;

  constructor(deps: AutoscalerDeps, config: AutoscalerConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#planner = new LivePlanner(deps.database, config);
  }

  /** `plan` is left out when it is an old one. */
  async decide(): Promise<Decided & { readonly plan: LivePlan | undefined }> {
    const { database, target, log } = this.#deps;
    const [plan, reading] = await Promise.all([
      this.#planner.plan().catch((error: unknown) => {
        log.error({ err: error }, 'the work can not be read; the last plan stands, and nothing is taken away');
        return undefined;
      }),
      target.read().catch((error: unknown) => {
        log.warn({ err: error }, 'the scale target can not be read; the replica count stays as it is');
        return UNKNOWN;
      }),
    ]);
    this.#controls = await readControls(database, this.#config.pool);
    if (plan !== undefined) {
      this.#plan = plan;
      this.#plannedAtMs = performance.now();
    }
    const input = this.#inputOf(plan, reading);
    const decision = decideReplicas(input);
    if (plan !== undefined) this.#publish(plan, { input, decision });
    return { input, decision, plan };
  }

  #inputOf(plan: LivePlan | undefined, reading: ScaleReading): ReplicaDecisionInput {
    const known = plan ?? this.#plan;
    const planAgeMs = performance.now() - this.#plannedAtMs;
    const nowMs = (known?.atMs ?? Date.now()) + (known === undefined ? 0 : planAgeMs);
    return {
      plannedReplicas: known === undefined ? undefined : plannedAt(known.horizon, nowMs),
      planAgeMs,
      currentReplicas: this.#currentReplicas(plan, reading),
      busyReplicas: plan?.fleet.busy,
      queuedTickets: plan?.queued,
      overdue: plan?.overdue,
      maxReplicas: this.#config.maxReplicas,
      controls: this.#controls,
      nowMs,
    };
  }

  /** Where nothing is scaled the number is the one that was last said, by whichever copy; before the first, the one that is there. */
  #currentReplicas(plan: LivePlan | undefined, { desired }: ScaleReading): number | undefined {
    return this.#deps.target.name === 'observe' ? (plan?.lastWish ?? desired ?? plan?.fleet.ready) : desired;
  }

  #publish(plan: LivePlan, { input, decision }: Decided): void {
    const { board, metrics } = this.#deps;
    const { pool, maxReplicas, holder } = this.#config;
    const { plannedReplicas = 0, currentReplicas, controls } = input;
    const isActedOn = decision.kind === 'scale' && controls.mode === 'automatic';
    metrics.readyReplicas.set({ pool }, plan.fleet.ready);
    metrics.requiredReplicas.set({ pool }, plannedReplicas);
    metrics.busyReplicas.set({ pool }, plan.fleet.busy);
    metrics.forecastLate.set({ pool }, plan.near.lateness.count);
    board.publish({
      pool,
      wantedReplicas: isActedOn ? decision.toReplicas : (currentReplicas ?? plannedReplicas),
      requiredInstances: plan.near.required[0] ?? 0,
      readyReplicas: plan.fleet.ready,
      limit: maxReplicas,
      plannedAtMs: plan.atMs,
      horizon: plan.horizon,
      generatedBy: holder,
    });
  }
}

function plannedAt(horizon: readonly PlanPoint[], atMs: number): number | undefined {
  return (horizon.findLast((point) => point.atMs <= atMs) ?? horizon[0])?.plannedInstances;
}
