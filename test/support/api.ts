import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';

import { readAccuracy } from '../../api/accuracy-reader.ts';
import { readAutoscaler } from '../../api/autoscaler-reader.ts';
import type { ApiConfig } from '../../api/config.ts';
import { Problem } from '../../api/contract/common.ts';
import type { Occurrence } from '../../api/contract/occurrence.ts';
import type { Task, TaskDraft } from '../../api/contract/task.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { createForecastReader } from '../../api/forecast-reader.ts';
import { openApiServer } from '../../api/server.ts';
import { openEmbeddedBroker } from '../../broker/embedded.ts';
import { createAttemptStore, type FinishedAttempt, type StartedAttempt } from '../../db/attempt-store.ts';
import { createClaimStore } from '../../db/claim-store.ts';
import type { Database } from '../../db/database.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { registerTaskTypes } from '../../db/task-type-store.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { expandBatch } from '../../scheduler/expander.ts';
import { createMigratedDatabase } from './migrated-database.ts';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface RequestOptions {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly database: Database;
  send<T>(method: string, path: string, options?: RequestOptions): Promise<Answer<T>>;
  /** Sends, and demands a problem document with this status and code. */
  refuse(method: string, path: string, status: number, code: string, options?: RequestOptions): Promise<Problem>;
  createTask(draft: Partial<TaskDraft>): Promise<Task>;
  /** What the scheduler does at its next turn. */
  expand(): Promise<void>;
  /** Starts what is due, as a processor would. */
  startDue(): Promise<StartedAttempt[]>;
  finish(attempt: StartedAttempt, end: Partial<FinishedAttempt>): Promise<void>;
  occurrencesOf(taskId: string): Promise<Occurrence[]>;
}

/** The API on a free port, on a real migrated database of its own, checking each of its answers against the contract. */
export async function openTestApi(config: Partial<ApiConfig> = {}): Promise<TestApi> {
  const migrated = await createMigratedDatabase();
  const { database } = migrated;
  await registerTaskTypes(database, TASK_TYPES);
  const broker = openEmbeddedBroker();
  const shaping = {
    slotsPerReplica: 1,
    minReplicas: 1,
    maxReplicas: 8,
    leadTimeMs: 15_000,
    leadFloorMs: 2_000,
    periodMs: 0,
    tailMs: 10_000,
    closingMs: 60_000,
  };
  const deps: ApiDeps = {
    database,
    log: createLogger('test', 'silent'),
    metrics: createMetrics({ processMetrics: false }),
    brokerReady: () => broker.isReady(),
    forecast: createForecastReader(database, shaping),
    accuracy: (query) => readAccuracy(database, shaping, query),
    planSettings: shaping,
    autoscalerReplicas: (pool) => readAutoscaler(database, pool, shaping),
  };
  const server = await openApiServer(deps, { ...CONFIG, ...config }).catch(async (error: unknown) => {
    await migrated[Symbol.asyncDispose]();
    throw error;
  });
  const replicas = createReplicaStore(database);
  const claims = createClaimStore(database);
  const attempts = createAttemptStore(database);
  let processorId: string | undefined;

  const send = async <T>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> => {
    const isSent = options.body !== undefined || options.raw !== undefined;
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { ...(isSent && { 'content-type': 'application/json' }), ...options.headers },
      ...(isSent && { body: options.raw ?? JSON.stringify(options.body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  };

  return {
    url: server.url,
    port: server.port,
    database,
    send,
    async refuse(method, path, status, code, options) {
      const answer = await send<Problem>(method, path, options);
      assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
      const problem = Problem.parse(answer.body);
      assert.equal(problem.code, code);
      assert.equal(problem.status, status);
      assert.equal(problem.requestId, answer.headers.get('x-request-id'));
      return problem;
    },
    async createTask(draft) {
      const answer = await send<Task>('POST', '/api/v1/tasks', { body: { ...DRAFT, ...draft } });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      return answer.body;
    },
    async expand() {
      const limits = { batchSize: 1_000, maxInstantsPerTask: 5_000, maxRowsPerBatch: 50_000, graceMs: 10_000 };
      while ((await expandBatch(database, limits)).more);
    },
    async startDue() {
      processorId ??= await replicas.register({
        service: 'processor',
        name: 'processor-1',
        pool: 'default',
        slots: 1,
        leaseMs: 600_000,
        requestedMs: null,
      });
      const due = await claims.claimDue(100, 0, 30_000, processorId);
      return (await attempts.start(due, processorId)).started;
    },
    async finish({ taskId, scheduledMs, attempt }, end) {
      const finished: FinishedAttempt = { ...SUCCESS, taskId, scheduledMs, attempt, ...end };
      assert.deepEqual(await attempts.finish([finished], String(processorId), 'processor-1'), [true]);
    },
    async occurrencesOf(taskId) {
      const answer = await send<{ items: Occurrence[] }>(
        'GET',
        `/api/v1/occurrences?taskId=${taskId}&order=asc&limit=200`,
      );
      return answer.body.items;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
      await migrated[Symbol.asyncDispose]();
    },
  };
}

/** A request written by hand, for what `fetch` does not let through. */
export function sendRaw(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path = '/livez', headers = {}, body } = options;
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** The least that makes a task; it runs far away, so that nothing happens by itself. */
export const DRAFT = {
  name: 'a task',
  taskType: 'noop',
  schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' },
} as const satisfies TaskDraft;

const SUCCESS = {
  nextStatus: 'Completed',
  delayMs: null,
  reason: null,
  outcome: 'succeeded',
  error: null,
  result: null,
  elapsedMs: 12.5,
  cpuMs: null,
  peakMemoryBytes: null,
  counts: true,
  logs: [],
  notifications: [],
} as const;

const CONFIG: ApiConfig = {
  host: '127.0.0.1',
  port: 0,
  allowedHosts: [],
  maxRunsPerDay: 86_400,
  version: '0.0.0-test',
  webRoot: null,
  checkResponses: true,
  retentionDays: 35,
  misfireGraceMs: 60_000,
  shutdownGraceMs: 2_000,
};

const RETRY = { maxAttempts: 3, backoff: 'fixed', firstDelayMs: 1_000, maxDelayMs: 1_000 } as const;
const TYPE = {
  title: '',
  description: '',
  pool: 'default',
  timeoutMs: 60_000,
  retry: RETRY,
  examplePayload: {},
} as const;

const TASK_TYPES = [
  { ...TYPE, name: 'noop', estimateMs: 5, enabled: true, payloadSchema: {} },
  { ...TYPE, name: 'http.request', estimateMs: 300, enabled: true, payloadSchema: httpSchema() },
  { ...TYPE, name: 'shell.command', estimateMs: 900, enabled: false, payloadSchema: {} },
];

function httpSchema() {
  return {
    type: 'object',
    properties: {
      url: { type: 'string', minLength: 1 },
      method: { enum: ['GET', 'POST'] },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
    },
    required: ['url'],
    additionalProperties: false,
  };
}
