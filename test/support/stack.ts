import { type AutoscalerConfig, runAutoscaler } from '../../autoscaler/autoscaler.ts';
import { createLocalTarget } from '../../autoscaler/local-target.ts';
import { PlanBoard } from '../../autoscaler/plan-view.ts';
import {
  autoscalerConfig,
  distributorConfig,
  processorConfig,
  readEnvironment,
  schedulerConfig,
} from '../../bin/config.ts';
import { readWorkers } from '../../bin/local-workers.ts';
import type { Broker } from '../../broker/broker.ts';
import { openEmbeddedBroker } from '../../broker/embedded.ts';
import { openRabbitMq } from '../../broker/rabbitmq.ts';
import { deadLetterQueueName, ticketQueueName } from '../../broker/topology.ts';
import { PRIORITIES } from '../../core/task.ts';
import { createAttemptStore } from '../../db/attempt-store.ts';
import { listen } from '../../db/notify.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { type DistributorConfig, runDistributor } from '../../distributor/distributor.ts';
import { type ProcessorConfig, runProcessor } from '../../processor/processor.ts';
import type { TaskType } from '../../processor/task-type.ts';
import { Disposables } from '../../runtime/disposables.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { Wake } from '../../runtime/ticker.ts';
import { runScheduler, type SchedulerConfig } from '../../scheduler/scheduler.ts';
import { createReadyDatabase, type ReadyDatabase } from './database.ts';
import { type RabbitMqNode, startRabbitMq } from './rabbitmq.ts';

/** A service that runs in this process. */
export interface Part {
  readonly name: string;
  /** Asks it to end in order, and waits until it has. */
  stop(): Promise<void>;
}

/** The services on real servers, in this process, with the product's settings except where a test says otherwise. */
export interface Stack extends ReadyDatabase {
  readonly broker: Broker;
  readonly metrics: ReturnType<typeof createMetrics>;
  startScheduler(config?: Partial<SchedulerConfig>): Promise<Part>;
  startDistributor(config?: Partial<DistributorConfig>, broker?: Broker): Promise<Part>;
  startProcessor(config?: Partial<ProcessorConfig>, taskTypes?: ReadonlyMap<string, TaskType>): Promise<Part>;
  /** An autoscaler over in-process processors. */
  startAutoscaler(config?: Partial<AutoscalerConfig>, processor?: Partial<ProcessorConfig>): Promise<Part>;
}

export interface StackOptions {
  readonly broker: 'embedded' | 'rabbitmq';
  readonly scheduler?: boolean;
  readonly distributors?: number;
  readonly processors?: number;
  /** Lets the test move the database's clock. */
  readonly movableClock?: boolean;
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const opened = new Disposables();
  const parts: Part[] = [];
  const ready = opened.use(await createReadyDatabase({ movableClock: options.movableClock === true }));
  const log = createLogger('test', process.env.ALMANAC_TEST_LOG ?? 'silent');
  const metrics = createMetrics({ processMetrics: false });
  const broker = opened.use(
    options.broker === 'embedded'
      ? openEmbeddedBroker()
      : await openRabbitMq({ url: (await cleanRabbitMq()).url, log }),
  );
  const bells: Wake[] = [];
  const createWake = (): Wake => {
    const bell = new Wake();
    bells.push(bell);
    return bell;
  };
  const ends = new Set<(replicaId: string | null) => void>();
  const hearers = {
    almanac_work: () => bells.forEach((bell) => bell.ring()),
    almanac_end: (replicaId: string | null) => ends.forEach((hear) => hear(replicaId)),
  };
  opened.use(await listen(ready.url, log, hearers));
  const onEnding = (hear: (replicaId: string | null) => void): (() => void) => {
    ends.add(hear);
    return () => ends.delete(hear);
  };
  const keyed = await ready.open('keyed', 12);
  const replicas = createReplicaStore(keyed);
  const attempts = createAttemptStore(keyed);
  const env = readEnvironment({});
  let count = 0;

  const run = (name: string, work: (signal: AbortSignal) => Promise<void>): Part => {
    const stopping = new AbortController();
    const ended = work(stopping.signal);
    ended.catch(() => undefined); // whoever stops it sees the failure
    const part = {
      name,
      stop: () => {
        stopping.abort();
        return ended;
      },
    };
    parts.push(part);
    return part;
  };
  const processorOf = (name: string, config: Partial<ProcessorConfig>, taskTypes = ready.taskTypes) => {
    const full = { ...processorConfig(env), shutdownGraceMs: 5_000, ...config, name };
    return (signal: AbortSignal) =>
      runProcessor({ attempts, replicas, broker, onEnding, taskTypes, log, metrics }, full, signal);
  };

  const stack: Stack = {
    ...ready,
    broker,
    metrics,
    startScheduler: (config = {}) => {
      const deps = { database: ready.database, log, metrics, wake: createWake() };
      return Promise.resolve(
        run('scheduler', (signal) => runScheduler(deps, { ...schedulerConfig(env), ...config }, signal)),
      );
    },
    async startDistributor(config = {}, over = broker) {
      const name = `distributor-${(count += 1)}`;
      const registration = {
        service: 'distributor' as const,
        name,
        pool: null,
        slots: 0,
        leaseMs: 600_000,
        requestedMs: null,
      };
      const deps = {
        database: keyed,
        broker: over,
        log,
        metrics,
        wake: createWake(),
        replicaId: await replicas.register(registration),
      };
      const full = { ...distributorConfig(env), recoveryPeriodMs: 200, ...config };
      return run(name, (signal) => runDistributor(deps, full, signal));
    },
    startProcessor(config = {}, taskTypes = ready.taskTypes) {
      const name = config.name ?? `processor-${(count += 1)}`;
      return Promise.resolve(run(name, processorOf(name, config, taskTypes)));
    },
    startAutoscaler(config = {}, processor = {}) {
      const target = createLocalTarget({
        log,
        readWorkers: () => readWorkers(ready.database),
        startWorker: (requestedMs) => {
          const stopping = new AbortController();
          const name = `worker-${(count += 1)}`;
          const stopped = processorOf(name, { ...processor, requestedMs })(stopping.signal);
          return { name, stopped, stop: () => stopping.abort() };
        },
      });
      const deps = { database: ready.database, target, board: new PlanBoard(), log, metrics, wake: createWake() };
      const full = { ...autoscalerConfig(env, true), holder: `autoscaler-${(count += 1)}`, ...config };
      return Promise.resolve(
        run('autoscaler', async (signal) => {
          await using _workers = target;
          await runAutoscaler(deps, full, signal);
        }),
      );
    },
    async [Symbol.asyncDispose]() {
      try {
        await Promise.all(parts.map((part) => part.stop()));
      } finally {
        await opened[Symbol.asyncDispose]();
      }
    },
  };
  if (options.scheduler === true) await stack.startScheduler();
  for (let index = 0; index < (options.distributors ?? 1); index += 1) await stack.startDistributor();
  for (let index = 0; index < (options.processors ?? 1); index += 1) await stack.startProcessor();
  return stack;
}

/** The RabbitMQ node that tests of this mocha process share, without queues of an earlier test. It ends with the process. */
export async function cleanRabbitMq(): Promise<RabbitMqNode> {
  node ??= startRabbitMq();
  const running = await node;
  const queues = PRIORITIES.map((priority) => ticketQueueName({ pool: 'default', priority }));
  await running.withChannel(async (channel) => {
    for (const queue of [...queues, deadLetterQueueName('default')]) await channel.deleteQueue(queue);
  });
  return running;
}

let node: Promise<RabbitMqNode> | undefined;
