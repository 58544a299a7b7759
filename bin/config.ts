import { availableParallelism, hostname } from 'node:os';

import { z } from 'zod';

import type { ApiConfig } from '../api/config.ts';
import type { AutoscalerConfig } from '../autoscaler/autoscaler.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../core/duration.ts';
import { PLAN_MODES } from '../core/fleet-plan.ts';
import { DEFAULT_MISFIRE_GRACE_MS } from '../core/plan.ts';
import type { DistributorConfig } from '../distributor/distributor.ts';
import { HandlerConfig } from '../processor/config.ts';
import type { ProcessorConfig } from '../processor/processor.ts';
import { parseEnv } from '../runtime/env.ts';
import type { SchedulerConfig } from '../scheduler/scheduler.ts';

const whole = (min: number, max: number) =>
  z.coerce
    .number({ error: 'expected a number' })
    .int('expected a whole number')
    .min(min, `expected at least ${min}`)
    .max(max, `expected at most ${max}`);
const port = whole(0, 65_535);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
const pemFile = (description: string) =>
  z
    .string()
    .optional()
    .meta({ description: `${description} A PEM file.` });
const url = (protocols: RegExp, form: string) =>
  z.url({ protocol: protocols, error: `expected an address such as ${form}` });

const General = z.object({
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgres://user:password@host:5432/almanac')
    .optional()
    .meta({
      description: 'PostgreSQL 15 or newer. Not set: `almanac start` brings its own; the single services need it.',
    }),
  AMQP_URL: url(/^amqps?$/, 'amqp://user:password@host:5672')
    .optional()
    .meta({
      description:
        'RabbitMQ 3.10 or newer. Not set: `almanac start` passes tickets inside its process; the single services need it.',
    }),
  ALMANAC_DATA_DIR: z
    .string()
    .default('.almanac')
    .meta({ description: 'Where `almanac start` keeps its own database.' }),
  ALMANAC_URL: z.string().optional().meta({
    description: 'Where commands such as `almanac tasks` find the API; services have no use for it.',
  }),
  ALMANAC_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      error: 'expected trace, debug, info, warn, error or silent',
    })
    .default('info')
    .meta({ description: 'How much is logged.' }),
  ALMANAC_HEALTH_PORT: port
    .optional()
    .meta({ description: 'Port for /livez, /readyz and /metrics of a single service. Not set: none.' }),
  ALMANAC_DATABASE_POOL: whole(2, 200)
    .default(10)
    .meta({ description: 'Connections to PostgreSQL per service at most.' }),
  ALMANAC_SHUTDOWN_GRACE_MS: whole(0, DAY_MS)
    .default(20 * SECOND_MS)
    .meta({ description: 'How long running attempts and requests may go on after SIGTERM.' }),
});

const Api = z.object({
  ALMANAC_HOST: z
    .string()
    .default('127.0.0.1')
    .meta({ description: 'Address that the API, the UI and the health port listen on.' }),
  ALMANAC_PORT: port.default(8080).meta({ description: 'Port of the API and the UI; 0 takes any free one.' }),
  ALMANAC_ALLOWED_HOSTS: list
    .default([])
    .meta({ description: 'Names under which browsers may reach it, beside localhost; comma-separated.' }),
  ALMANAC_MAX_RUNS_PER_DAY: whole(1, 86_400)
    .default(86_400)
    .meta({ description: 'How often one task may run on one day; schedules that run more often are refused.' }),
});

const Scheduler = z.object({
  ALMANAC_EXPAND_PERIOD_MS: whole(50, MINUTE_MS)
    .default(SECOND_MS)
    .meta({ description: 'Rest between two turns of the expander. Changes ring it at once.' }),
  ALMANAC_EXPAND_BATCH: whole(1, 10_000).default(1_000).meta({ description: 'Tasks per expansion transaction.' }),
  ALMANAC_MISFIRE_GRACE_MS: whole(0, DAY_MS).default(DEFAULT_MISFIRE_GRACE_MS).meta({
    description: 'How late an occurrence may be after an outage and still count as on time; a task may say otherwise.',
  }),
  ALMANAC_CATCH_UP_PER_SECOND: whole(1, 10_000)
    .default(50)
    .meta({ description: 'Missed occurrences that run per second at most after an outage, of all tasks together.' }),
  ALMANAC_RETENTION_DAYS: whole(2, 3_650)
    .default(35)
    .meta({ description: 'Days of occurrences, runs and logs to keep.' }),
});

const Distributor = z.object({
  ALMANAC_CLAIM_BATCH: whole(1, 5_000).default(1_000).meta({ description: 'Occurrences per claim.' }),
  ALMANAC_CLAIM_PERIOD_MS: whole(10, MINUTE_MS)
    .default(200)
    .meta({ description: 'Rest between claims while less than a batch is due.' }),
  ALMANAC_LOOK_AHEAD_MS: whole(0, MINUTE_MS)
    .default(SECOND_MS)
    .meta({ description: 'How long before its instant an occurrence is claimed; it is published at its instant.' }),
  ALMANAC_CLAIM_LEASE_MS: whole(SECOND_MS, 10 * MINUTE_MS)
    .default(30 * SECOND_MS)
    .meta({ description: 'After how long the claims of a dead distributor go back.' }),
  ALMANAC_TICKET_WORK_MS: whole(0, MINUTE_MS)
    .default(50)
    .meta({ description: 'Expected work that may share one message; longer occurrences travel alone.' }),
  ALMANAC_COALESCE_MS: whole(0, SECOND_MS)
    .default(5)
    .meta({ description: 'Least time between two rounds of publishing: what falls due meanwhile shares messages.' }),
});

const Processor = z.object({
  ALMANAC_POOL: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and hyphens')
    .default('default')
    .meta({ description: 'The pool that a processor serves and an autoscaler scales.' }),
  ALMANAC_SLOTS: whole(1, 1_000)
    .default(1)
    .meta({ description: 'Attempts that one processor runs side by side. The formula counts slots.' }),
  ALMANAC_LEASE_MS: whole(5 * SECOND_MS, 10 * MINUTE_MS)
    .default(45 * SECOND_MS)
    .meta({ description: 'After how long the runs of a dead processor are repeated.' }),
  ...HandlerConfig.shape,
  ALMANAC_NAME: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'expected letters, digits, dots and hyphens')
    .optional()
    .meta({ description: 'Name of this replica. Not set: host name and process id.' }),
  ALMANAC_REQUESTED_MS: z.coerce
    .number()
    .optional()
    .meta({ description: 'When this processor was asked for, in epoch ms; set by the autoscaler that starts it.' }),
});

const Autoscaler = z.object({
  ALMANAC_SCALE_TARGET: z
    .enum(['local', 'kubernetes', 'hpa-floor', 'observe'], {
      error: 'expected local, kubernetes, hpa-floor or observe',
    })
    .optional()
    .meta({
      description:
        'What the autoscaler scales. Not set: local within `almanac start`, observe (decide, and only say so) elsewhere.',
    }),
  ALMANAC_MIN_REPLICAS: whole(0, 100_000).default(1).meta({ description: 'Fewest processors.' }),
  ALMANAC_MAX_REPLICAS: whole(1, 100_000).optional().meta({
    description: 'Most processors. Not set: four per core and at least 8 for the local target, 100 elsewhere.',
  }),
  ALMANAC_LEAD_TIME_MS: whole(0, 10 * MINUTE_MS)
    .optional()
    .meta({
      description:
        'How long before the work replicas are asked for, until five starts have been measured. Not set: 15 s for the local target, 60 s elsewhere.',
    }),
  ALMANAC_SCALE_PERIOD_MS: whole(100, MINUTE_MS)
    .default(5 * SECOND_MS)
    .meta({ description: 'Rest between two plans.' }),
  ALMANAC_CLOSING_MS: whole(0, 10 * MINUTE_MS)
    .default(MINUTE_MS)
    .meta({ description: 'Gaps in the need shorter than this keep their replicas.' }),
  ALMANAC_PLAN_MODE: z.enum(PLAN_MODES, { error: 'expected formula, exact or adaptive' }).default('adaptive').meta({
    description:
      'How the number of processors is planned. formula: never below the formula. exact: as few as start everything in time. adaptive: exact for task types whose durations are well known and steady, the formula for the others.',
  }),
  ALMANAC_KUBE_NAMESPACE: z
    .string()
    .optional()
    .meta({ description: 'Namespace of the Deployment. Not set: the own one.' }),
  ALMANAC_KUBE_DEPLOYMENT: z
    .string()
    .optional()
    .meta({ description: 'The Deployment that the kubernetes target scales.' }),
  ALMANAC_KUBE_HPA: z
    .string()
    .optional()
    .meta({ description: 'The HorizontalPodAutoscaler whose minReplicas the hpa-floor target sets.' }),
  ALMANAC_KUBE_DELETION_COST: z
    .enum(['on', 'off'], { error: 'expected on or off' })
    .default('on')
    .transform((text) => text === 'on')
    .meta({ description: 'Whether the kubernetes target marks idle pods before a scale-in, so that they go first.' }),
  ALMANAC_PLAN_STALE_MS: whole(SECOND_MS, DAY_MS)
    .default(MINUTE_MS)
    .meta({ description: 'When a plan is old: what is served from it is marked stale, and falls no more.' }),
  ALMANAC_KEDA_PORT: port
    .optional()
    .meta({ description: "Port of the autoscaler's external scaler for KEDA (gRPC). Not set: none." }),
  ALMANAC_KEDA_TLS_CERT_FILE: pemFile('Certificate of the external scaler. Not set: plain text.'),
  ALMANAC_KEDA_TLS_KEY_FILE: pemFile('Its private key.'),
  ALMANAC_KEDA_TLS_CLIENT_CA_FILE: pemFile(
    'Authorities of which KEDA must have a client certificate. Not set: it needs none.',
  ),
  ALMANAC_EXTERNAL_METRICS_PORT: port
    .optional()
    .meta({ description: "Port of the autoscaler's external metrics API for HPAs (HTTPS). Not set: none." }),
  ALMANAC_EXTERNAL_METRICS_TLS_CERT_FILE: pemFile('Certificate of the external metrics API.'),
  ALMANAC_EXTERNAL_METRICS_TLS_KEY_FILE: pemFile('Its private key.'),
});

/** Every variable, as docs/configuration.md shows them. */
export const CONFIG_SECTIONS = [
  { title: 'General', schema: General },
  { title: 'API and UI', schema: Api },
  { title: 'Scheduler', schema: Scheduler },
  { title: 'Distributor', schema: Distributor },
  { title: 'Processor', schema: Processor },
  { title: 'Autoscaler', schema: Autoscaler },
] as const;

const Environment = z.object({
  ...General.shape,
  ...Api.shape,
  ...Scheduler.shape,
  ...Distributor.shape,
  ...Processor.shape,
  ...Autoscaler.shape,
});
export type Environment = z.infer<typeof Environment>;

/** @throws ConfigurationError with every problem at once. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  return parseEnv(Environment, env, 'ALMANAC_');
}

export function schedulerConfig(env: Environment): SchedulerConfig {
  return {
    tickPeriodMs: env.ALMANAC_EXPAND_PERIOD_MS,
    batchSize: env.ALMANAC_EXPAND_BATCH,
    maxInstantsPerTask: 5_000,
    maxRowsPerBatch: 50_000,
    graceMs: env.ALMANAC_MISFIRE_GRACE_MS,
    catchUpPerSecond: env.ALMANAC_CATCH_UP_PER_SECOND,
    retentionDays: env.ALMANAC_RETENTION_DAYS,
  };
}

export function distributorConfig(env: Environment): DistributorConfig {
  return {
    batchSize: env.ALMANAC_CLAIM_BATCH,
    lookAheadMs: env.ALMANAC_LOOK_AHEAD_MS,
    pollPeriodMs: env.ALMANAC_CLAIM_PERIOD_MS,
    claimLeaseMs: env.ALMANAC_CLAIM_LEASE_MS,
    maxInMemory: 20_000,
    recoveryPeriodMs: 2 * SECOND_MS,
    bundleWorkMs: env.ALMANAC_TICKET_WORK_MS,
    bundleSize: 100,
    coalesceMs: env.ALMANAC_COALESCE_MS,
    verifyAfterMs: 30 * SECOND_MS,
  };
}

export function processorConfig(env: Environment): ProcessorConfig {
  return {
    name: env.ALMANAC_NAME ?? replicaName('processor'),
    pool: env.ALMANAC_POOL,
    slots: env.ALMANAC_SLOTS,
    prefetch: Math.max(20, 4 * env.ALMANAC_SLOTS),
    batchWorkMs: env.ALMANAC_TICKET_WORK_MS,
    batchSize: 300,
    patienceMs: 100,
    leaseMs: env.ALMANAC_LEASE_MS,
    shutdownGraceMs: env.ALMANAC_SHUTDOWN_GRACE_MS,
    outcomeBatchSize: 500,
    outcomeCoalesceMs: 10,
    requestedMs: env.ALMANAC_REQUESTED_MS ?? null,
  };
}

export function autoscalerConfig(env: Environment, isLocal: boolean): AutoscalerConfig {
  return {
    pool: env.ALMANAC_POOL,
    periodMs: env.ALMANAC_SCALE_PERIOD_MS,
    slotsPerReplica: env.ALMANAC_SLOTS,
    minReplicas: Math.min(env.ALMANAC_MIN_REPLICAS, maxReplicas(env, isLocal)),
    maxReplicas: maxReplicas(env, isLocal),
    leadTimeMs: env.ALMANAC_LEAD_TIME_MS ?? (isLocal ? 15 : 60) * SECOND_MS,
    leadFloorMs: (isLocal ? 2 : 15) * SECOND_MS,
    holder: replicaName('autoscaler'),
    writerLeaseMs: Math.max(15 * SECOND_MS, 3 * env.ALMANAC_SCALE_PERIOD_MS),
    tailMs: 10 * SECOND_MS,
    closingMs: env.ALMANAC_CLOSING_MS,
    mode: env.ALMANAC_PLAN_MODE,
  };
}

export function apiConfig(env: Environment, version: string, webRoot: string | null): ApiConfig {
  return {
    host: env.ALMANAC_HOST,
    port: env.ALMANAC_PORT,
    allowedHosts: env.ALMANAC_ALLOWED_HOSTS,
    maxRunsPerDay: env.ALMANAC_MAX_RUNS_PER_DAY,
    version,
    webRoot,
    checkResponses: false,
    retentionDays: env.ALMANAC_RETENTION_DAYS,
    misfireGraceMs: env.ALMANAC_MISFIRE_GRACE_MS,
    shutdownGraceMs: env.ALMANAC_SHUTDOWN_GRACE_MS,
  };
}

/** Names are for people: unique enough on a machine, and the pod's name in Kubernetes. */
export function replicaName(service: string): string {
  return `${service}-${hostname()}-${process.pid}`;
}

function maxReplicas(env: Environment, isLocal: boolean): number {
  return env.ALMANAC_MAX_REPLICAS ?? (isLocal ? Math.max(8, availableParallelism() * 4) : 100);
}
