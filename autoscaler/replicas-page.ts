import { SECOND_MS } from '../core/duration.ts';
import type { JsonPage } from '../runtime/health-server.ts';
import { answerNow } from './plan-answer.ts';
import type { PlanReader } from './plan-view.ts';

export interface ReplicasPageConfig {
  /** The pool of requests that name none. */
  readonly pool: string;
  /** A plan older than this is stale. */
  readonly staleMs: number;
}

const PATTERN_OF_LEAD = /^\d{1,5}(\.\d{1,3})?$/;

/**
 * The plan as a small JSON document for KEDA's metrics-api trigger and for scripts: `GET /replicas?pool=…&leadSeconds=…`.
 * Without a plan it is 503, never zero.
 */
export function replicasPage(plans: PlanReader, config: ReplicasPageConfig): JsonPage {
  return (query) => {
    const pool = query.get('pool') ?? config.pool;
    const lead = query.get('leadSeconds') ?? '0';
    if (!PATTERN_OF_LEAD.test(lead))
      return problem(400, 'leadSeconds is not a number of seconds', `It is "${lead}"; expected 0 to 99999.`);
    const answer = answerNow(plans, pool, { staleMs: config.staleMs, leadMs: Number(lead) * SECOND_MS });
    if (answer === undefined) return problem(503, 'There is no plan yet', `Nothing is known about the pool ${pool}.`);
    return {
      status: 200,
      body: {
        replicas: answer.replicas,
        required: answer.required,
        ready: answer.ready ?? null,
        limit: answer.limit,
        at: new Date(answer.plannedAtMs).toISOString(),
        stale: answer.stale,
      },
    };
  };
}

function problem(status: number, title: string, detail: string): ReturnType<JsonPage> {
  return { status, body: { type: 'about:blank', status, title, detail } };
}
