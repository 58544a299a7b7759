import { decisionWords } from '../core/decision-words.ts';
import type { ReplicaDecision, ReplicaDecisionInput } from '../core/replicas.ts';
import { holdWriter, recordDecision } from '../db/autoscaler-store.ts';
import type { Database } from '../db/database.ts';
import type { ScaleDecisionRow } from '../db/entities/scale-decision.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { type ScaleTarget, ScaleTargetError } from './scale-target.ts';
import { timeLimit } from './time-limit.ts';

export interface Decided {
  readonly input: ReplicaDecisionInput;
  readonly decision: ReplicaDecision;
}

interface WriterDeps {
  readonly database: Database;
  readonly target: ScaleTarget;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What is asked of a target must be done with before another copy may take over. */
const SHARE_OF_LEASE = 0.8;

/** Carries decisions out and records them, for as long as its fence is that of the writer. */
export class DecisionWriter {
  readonly #deps: WriterDeps;
  readonly #config: { readonly pool: string; readonly writerLeaseMs: number };
  #lastNews = '';

  constructor(deps: WriterDeps, config: { readonly pool: string; readonly writerLeaseMs: number }) {
    this.#deps = deps;
    this.#config = config;
  }

  async carryOut({ input, decision }: Decided, fence: string, signal: AbortSignal): Promise<void> {
    const isAdvice = decision.kind === 'scale' && input.controls.mode === 'advisory';
    const news = isAdvice ? `would ${decision.reason} ${decision.toReplicas}` : decision.reason;
    const isNews = news !== this.#lastNews;
    const record = {
      pool: this.#config.pool,
      target: this.#deps.target.name,
      fromReplicas: input.currentReplicas ?? null,
      reason: decision.reason,
      detail: `${isAdvice ? 'Advice only. ' : ''}${decisionWords(decision, input)}`,
    };
    if (decision.kind === 'scale' && !isAdvice) {
      await this.#apply({ ...record, toReplicas: decision.toReplicas }, fence, signal);
    } else if (isNews) {
      // Holding is the normal case: only a change of its reason is worth a row.
      const toReplicas = decision.kind === 'scale' ? decision.toReplicas : input.currentReplicas;
      if (toReplicas !== undefined)
        await this.#record({ ...record, toReplicas, outcome: isAdvice ? 'advised' : 'held' }, fence);
    }
    this.#lastNews = news;
  }

  async #apply(record: Omit<Recorded, 'outcome'>, fence: string, signal: AbortSignal): Promise<void> {
    const { database, target, log, metrics } = this.#deps;
    const { pool, fromReplicas, toReplicas, reason, detail } = record;
    // The plan took a while, or this process was frozen: the right to write is renewed at the last moment, or it is gone.
    if (!(await holdWriter(database, pool, fence))) {
      log.warn({ pool, toReplicas, fence }, 'another copy scales now; this decision is dropped');
      return;
    }
    using limit = timeLimit(this.#config.writerLeaseMs * SHARE_OF_LEASE, signal);
    try {
      await target.apply(toReplicas, limit.signal);
    } catch (error) {
      if (!(error instanceof ScaleTargetError) && !limit.isOver()) throw error;
      const message = error instanceof Error ? error.message : String(error);
      await this.#record({ ...record, outcome: 'failed', reason: `${reason}: ${message}` }, fence);
      metrics.scaleEvents.inc({ outcome: 'failed' });
      log.error({ err: error, pool, toReplicas }, 'the scale target refused; it is asked again');
      return;
    }
    await this.#record({ ...record, outcome: 'applied' }, fence);
    metrics.scaleEvents.inc({ outcome: 'applied' });
    log.info({ pool, fromReplicas, toReplicas, reason, detail }, 'replicas changed');
  }

  async #record(decision: Recorded, fence: string): Promise<void> {
    if (await recordDecision(this.#deps.database, fence, decision)) return;
    this.#deps.log.warn({ ...decision, fence }, 'another copy scales now; this decision was not recorded');
  }
}

type Recorded = Omit<ScaleDecisionRow, 'id' | 'decidedAt' | 'fence'>;
