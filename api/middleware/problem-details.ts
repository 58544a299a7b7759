import { randomUUID } from 'node:crypto';

import type { Context, Middleware } from 'koa';

import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import { type ProblemAnswer, problemOf } from '../problem.ts';

/**
 * The outermost layer: gives each request its id, turns every error into a problem document, logs and measures. A request id from
 * outside is not taken over: it would let anybody write into our log.
 */
export function problemDetails(log: Logger, metrics: Metrics): Middleware {
  return async (context, next) => {
    const startMs = performance.now();
    const requestId = randomUUID();
    context.set('X-Request-Id', requestId);
    context.set('Cache-Control', 'no-store');
    try {
      await next();
    } catch (error) {
      const problem = problemOf(error, requestId);
      answer(context, problem);
      logProblem(log, context, problem, requestId, error);
    }
    const durationMs = performance.now() - startMs;
    const labels = { method: context.method, route: routeOf(context), status: String(context.status) };
    metrics.httpRequests.observe(labels, durationMs / 1_000);
    log.debug({ requestId, method: context.method, path: context.path, status: context.status, durationMs }, 'request');
  };
}

function answer(context: Context, { status, headers, body }: ProblemAnswer): void {
  context.status = status;
  for (const [name, value] of Object.entries(headers)) context.set(name, value);
  context.set('Cache-Control', 'no-store');
  context.type = 'application/problem+json';
  context.body = JSON.stringify(body);
}

function logProblem(log: Logger, context: Context, problem: ProblemAnswer, requestId: string, error: unknown): void {
  const fields = { requestId, method: context.method, path: context.path, status: problem.status, err: error };
  if (problem.status >= 500 && problem.status !== 503) log.error(fields, 'request failed');
  else if (problem.status === 503) log.warn(fields, 'request refused: a service that it needs is away');
  else log.debug(fields, 'request refused');
}

/** The pattern, not the path: metrics have labels of few values only. */
function routeOf(context: Context): string {
  const pattern: unknown = context._matchedRoute;
  return typeof pattern === 'string' ? pattern : 'other';
}
