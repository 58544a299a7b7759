import { MINUTE_MS } from '../core/duration.ts';
import { formatOccurrenceId, type RunKey } from '../core/occurrence.ts';
import type { RetryPolicy } from '../core/retry.ts';
import type { AttemptStore, StartedAttempt, StartRequest } from '../db/attempt-store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { rest } from '../runtime/ticker.ts';
import { runAttempt } from './attempt.ts';
import type { EndSwitch } from './end-switch.ts';
import type { HeldTicket } from './intake.ts';
import { finishedAttempt } from './outcome.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import type { TaskType } from './task-type.ts';

/** For a type that this processor does not know: such an attempt is given back, so neither value decides anything. */
const UNKNOWN_TYPE: { readonly timeoutMs: number; readonly retry: RetryPolicy } = {
  timeoutMs: MINUTE_MS,
  retry: { maxAttempts: 1, backoff: 'fixed', firstDelayMs: 0, maxDelayMs: 0 },
};

const START_FAILURE_REST_MS = 1_000;

export interface SlotDeps {
  readonly attempts: Pick<AttemptStore, 'start'>;
  readonly taskTypes: ReadonlyMap<string, TaskType>;
  /** How an attempt hears that somebody wants to end it. */
  readonly endSwitchOf: (key: RunKey) => EndSwitch | undefined;
  readonly writer: OutcomeWriter;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly onStart: () => void;
  readonly onEnd: () => void;
}

/**
 * Works off the tickets of one slot: starts all their occurrences in one statement, acknowledges, then runs them one after the other.
 * An occurrence that does not start was edited, cancelled or started elsewhere; its ticket has done its work all the same.
 */
export async function workBatch(
  deps: SlotDeps,
  { replicaId }: { readonly replicaId: string },
  tickets: readonly HeldTicket[],
  killed: AbortSignal,
): Promise<void> {
  const [first = [], ...later] = inWaves(
    tickets.flatMap(({ ticket }) => ticket.occurrences.map((key) => ({ ...key, claimId: ticket.claimId }))),
  );
  let started: StartedAttempt[];
  try {
    started = await startWave(deps, first, replicaId);
  } catch (error) {
    deps.log.warn({ err: error }, 'starting failed; the tickets go back to the queue');
    await rest(START_FAILURE_REST_MS, killed); // the tickets come back at once, and the database may need a moment
    for (const { delivery } of tickets) delivery.requeue();
    return;
  }
  for (const { delivery } of tickets) delivery.ack();
  await runWave(deps, started, killed);
  const free = new Set(started.filter(({ bars }) => !bars).map(({ taskId }) => taskId));
  for (const wave of withFreeTogether(later, free)) {
    // The occurrence before must have ended in the database too.
    if (wave.some(({ taskId }) => !free.has(taskId))) await deps.writer.flushed();
    try {
      await runWave(deps, await startWave(deps, wave, replicaId), killed);
    } catch (error) {
      deps.log.warn(
        { err: error, count: wave.length },
        'starting failed; the occurrences are found again by the distributor',
      );
    }
  }
}

/** Occurrences of one task do not start in one statement: the second would find the first running. */
function inWaves(requests: readonly StartRequest[]): StartRequest[][] {
  const waves: StartRequest[][] = [];
  const seen = new Map<string, number>();
  for (const request of requests) {
    const wave = seen.get(request.taskId) ?? 0;
    seen.set(request.taskId, wave + 1);
    (waves[wave] ??= []).push(request);
  }
  return waves;
}

/** Those of tasks that allow overlap need not come one by one, once that is known of them. */
function withFreeTogether(waves: readonly StartRequest[][], free: ReadonlySet<string>): StartRequest[][] {
  const together = waves.flat().filter(({ taskId }) => free.has(taskId));
  const apart = waves.map((wave) => wave.filter(({ taskId }) => !free.has(taskId)));
  return [together, ...apart].filter((wave) => wave.length > 0);
}

async function startWave(deps: SlotDeps, wave: readonly StartRequest[], replicaId: string): Promise<StartedAttempt[]> {
  // One order for all processors, so that two with copies of the same tickets wait for each other and never in a circle.
  const ordered = [...wave].sort((a, b) =>
    a.taskId === b.taskId ? a.scheduledMs - b.scheduledMs : a.taskId < b.taskId ? -1 : 1,
  );
  const { started, refused } = await deps.attempts.start(ordered, replicaId);
  for (const { taskId, scheduledMs, status } of refused) {
    deps.log.info({ occurrenceId: formatOccurrenceId({ taskId, scheduledMs }), status }, 'occurrence did not start');
  }
  return started.sort((a, b) => a.dueMs - b.dueMs);
}

async function runWave(deps: SlotDeps, started: readonly StartedAttempt[], killed: AbortSignal): Promise<void> {
  for (const attempt of started) {
    deps.onStart();
    await runOne(deps, attempt, killed);
    deps.onEnd();
  }
}

async function runOne(
  { taskTypes, endSwitchOf, writer, metrics, log }: SlotDeps,
  started: StartedAttempt,
  killed: AbortSignal,
): Promise<void> {
  const taskType = taskTypes.get(started.taskType);
  const occurrenceId = formatOccurrenceId(started);
  metrics.runStartDelay.observe(Math.max(0, started.startMs - started.dueMs) / 1_000);
  const result = await runAttempt(
    taskType,
    {
      payload: started.payload,
      occurrence: {
        id: occurrenceId,
        taskId: started.taskId,
        taskName: started.taskName,
        scheduledTime: new Date(started.scheduledMs),
        attempt: started.attempt,
        idempotencyKey: occurrenceId,
        labels: started.labels,
        recipients: started.recipients,
      },
    },
    {
      timeoutMs: started.timeoutMs ?? (taskType ?? UNKNOWN_TYPE).timeoutMs,
      signal: killed,
      endSwitch: endSwitchOf(started),
    },
  );
  const finished = finishedAttempt(started, result, started.retry ?? (taskType ?? UNKNOWN_TYPE).retry, Math.random());
  writer.add(finished);
  metrics.runsFinished.inc({ task_type: started.taskType, outcome: result.outcome });
  if (result.outcome === 'succeeded')
    metrics.runDuration.observe({ task_type: started.taskType }, result.elapsedMs / 1_000);
  if (finished.nextStatus === 'Failed') {
    metrics.deadLettered.inc({ task_type: started.taskType });
    log.warn(
      { occurrenceId, taskType: started.taskType, attempt: started.attempt, cause: result.error },
      'occurrence failed for good',
    );
  }
}
