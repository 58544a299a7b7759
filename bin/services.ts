import { runAutoscaler } from '../autoscaler/autoscaler.ts';
import type { PlanBoard } from '../autoscaler/plan-view.ts';
import type { ScaleTarget } from '../autoscaler/scale-target.ts';
import { createAttemptStore } from '../db/attempt-store.ts';
import type { TaskTypeRow } from '../db/entities/task-type.ts';
import { createReplicaStore } from '../db/replica-store.ts';
import { registerTaskTypes } from '../db/task-type-store.ts';
import { runDistributor } from '../distributor/distributor.ts';
import { handlerSettings } from '../processor/config.ts';
import { type ProcessorConfig, runProcessor } from '../processor/processor.ts';
import { loadTaskTypes, type TaskTypes } from '../processor/registry.ts';
import { catchStrayErrors } from '../processor/stray-errors.ts';
import type { TaskType } from '../processor/task-type.ts';
import type { Disposables } from '../runtime/disposables.ts';
import { runScheduler } from '../scheduler/scheduler.ts';
import { autoscalerConfig, distributorConfig, type Environment, schedulerConfig } from './config.ts';
import { type Context, withPresence } from './context.ts';

/** Each runs one service in this process until the signal aborts. */

export function serveScheduler(context: Context, signal: AbortSignal): Promise<void> {
  const wake = context.createWake();
  return withPresence(context, 'scheduler', signal, () =>
    runScheduler({ ...context, wake }, schedulerConfig(context.env), signal),
  );
}

export function serveDistributor(context: Context, signal: AbortSignal): Promise<void> {
  const wake = context.createWake();
  return withPresence(context, 'distributor', signal, (replicaId) =>
    runDistributor({ ...context, wake, replicaId }, distributorConfig(context.env), signal),
  );
}

export function serveProcessor(
  context: Context,
  taskTypes: ReadonlyMap<string, TaskType>,
  config: ProcessorConfig,
  signal: AbortSignal,
): Promise<void> {
  const { database, broker, log, metrics, onEnding } = context;
  const deps = {
    attempts: createAttemptStore(database),
    replicas: createReplicaStore(database),
    broker,
    onEnding,
    taskTypes,
    log,
    metrics,
  };
  return runProcessor(deps, config, signal);
}

/** `board`: where whoever serves the plan to others looks for it. */
export function serveAutoscaler(
  context: Context,
  target: ScaleTarget,
  signal: AbortSignal,
  board: PlanBoard,
): Promise<void> {
  const wake = context.createWake();
  const config = autoscalerConfig(context.env, target.name === 'local');
  return withPresence(context, 'autoscaler', signal, (replicaId) =>
    runAutoscaler(
      { ...context, target, wake, board },
      // The id makes the name unique: another process may have the same host name and process id.
      { ...config, holder: `${config.holder}#${replicaId}` },
      signal,
    ),
  );
}

/** Errors that handlers leave behind are logged and end nothing, for as long as processors run in this process. */
export function keepStrayErrorsOut({ log }: Pick<Context, 'log'>, opened: Disposables): void {
  const caught = catchStrayErrors((error, origin) =>
    log.error({ err: error, origin }, 'a handler left an error behind; it belongs to no attempt'),
  );
  opened.use({
    [Symbol.asyncDispose]: () => {
      caught[Symbol.dispose]();
      return Promise.resolve();
    },
  });
}

/** The built-in task types and those of the module that the configuration names. */
export function loadConfiguredTaskTypes(env: Environment): Promise<TaskTypes> {
  return loadTaskTypes({ handlersModule: env.ALMANAC_HANDLERS, settings: handlerSettings(env) });
}

/** Tells the database, and so the API, which task types there are and what their payloads look like. */
export function publishTaskTypes(
  { database }: Pick<Context, 'database'>,
  taskTypes: ReadonlyMap<string, TaskType>,
): Promise<void> {
  return registerTaskTypes(database, [...taskTypes.values()].map(toRow));
}

function toRow(taskType: TaskType): TaskTypeRow {
  const { name, title, description, pool, timeoutMs, retry, estimateMs, payloadSchema, examplePayload, enabled } =
    taskType;
  return { name, title, description, pool, timeoutMs, retry, estimateMs, payloadSchema, examplePayload, enabled };
}
