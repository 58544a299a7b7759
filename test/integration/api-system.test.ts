import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import type {
  AutoscalerReplicas,
  CronPreview,
  Forecast,
  Health,
  TaskSummaryItem,
  TaskTypeInfo,
} from '../../api/contract/forecast.ts';
import { ROUTES } from '../../api/contract/routes.ts';
import { ListenError } from '../../api/server.ts';
import { HOUR_MS } from '../../core/duration.ts';
import { createReplicaStore, type Service } from '../../db/replica-store.ts';
import { openTestApi, sendRaw, type TestApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';

describe('the API of the system', () => {
  let api: TestApi;
  before(async () => {
    api = await openTestApi();
  });
  after(() => api[Symbol.asyncDispose]());

  const get = async <T>(path: string): Promise<T> => {
    const { status, body } = await api.send<T>('GET', path);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  it('lists the task types with the schema and an example of their payload', async () => {
    const { items } = await get<{ items: TaskTypeInfo[] }>('/api/v1/task-types');
    assert.deepEqual(
      items.map((one) => one.name),
      ['http.request', 'noop', 'shell.command'],
    );
    assert.deepEqual(items[0]?.payloadSchema.required, ['url']);
  });

  it('gives the estimate of a task type until it has run, then its average and quantiles', async () => {
    const before = (await get<{ items: TaskSummaryItem[] }>('/api/v1/task-summary')).items;
    assert.deepEqual(
      before.map((one) => [one.taskType, one.averageElapsedMs, one.estimated, one.p50Ms]),
      [
        ['shell.command', 900, true, null],
        ['http.request', 300, true, null],
        ['noop', 5, true, null],
      ],
    );
    const { id } = await api.createTask({ policies: { overlap: 'allow' } });
    for (let elapsedMs = 10; elapsedMs <= 200; elapsedMs += 10) {
      await api.send('POST', `/api/v1/tasks/${id}/run`);
      const [attempt] = await api.startDue();
      assert.ok(attempt);
      await api.finish(attempt, { elapsedMs });
    }
    const noop = (await get<{ items: TaskSummaryItem[] }>('/api/v1/task-summary')).items.find(
      (one) => one.taskType === 'noop',
    );
    assert.deepEqual([noop?.runs, noop?.failures, noop?.averageElapsedMs, noop?.estimated], [20, 0, 105, false]);
    assert.ok(Math.abs((noop?.p50Ms ?? 0) - 100) < 20, String(noop?.p50Ms));
    assert.ok(Math.abs((noop?.p95Ms ?? 0) - 190) < 38, String(noop?.p95Ms));
  });

  it('sums up the scheduled tasks as the formula does by hand', async () => {
    const at = new Date(Math.floor(Date.now() / 1_000) * 1_000 + HOUR_MS).toISOString();
    for (let count = 0; count < 31; count += 1) {
      await api.createTask({ taskType: 'http.request', payload: { url: 'x' }, schedule: { kind: 'once', at } });
    }
    const range = `from=${at}&until=${new Date(Date.parse(at) + 1).toISOString()}`;
    const { items } = await get<{ items: unknown[] }>(`/api/v1/scheduled-tasks-summary?${range}`);
    // 31 tasks of 300 ms are 9,300 ms, and an instance gives 9,000.
    assert.deepEqual(items, [
      { scheduledTime: at, pool: 'default', numberOfTasks: 31, requiredComputeMs: 9_300, requiredInstances: 2 },
    ]);
    assert.deepEqual(
      (await get<{ items: unknown[] }>(`/api/v1/scheduled-tasks-summary?until=${at}&from=${at}`)).items,
      [],
    );
    assert.equal((await get<{ items: unknown[] }>('/api/v1/scheduled-tasks-summary?limit=1')).items.length, 1);
  });

  it('serves the forecast and the wanted replicas', async () => {
    const forecast = await get<Forecast>('/api/v1/forecast?hours=2&pastMinutes=5');
    assert.equal(forecast.steps.length, 125);
    const replicas = await get<AutoscalerReplicas>('/api/v1/autoscaler/replicas');
    assert.equal(replicas.pool, 'default');
    await api.refuse('GET', '/api/v1/forecast?hours=25', 422, 'invalid_input');
  });

  it('previews a cron expression in words and instants, with what a change of the clocks does to them', async () => {
    const query = 'expression=30%202%20*%20*%20*&timeZone=Europe/Rome&from=2027-03-27T00:00:00Z&count=3';
    const preview = await get<CronPreview>(`/api/v1/cron/preview?${query}`);
    assert.match(preview.description, /02:30.*Europe\/Rome/);
    assert.deepEqual(preview.runs, [
      { at: '2027-03-27T01:30:00.000Z', localTime: '2027-03-27 02:30:00 +01:00', note: null },
      { at: '2027-03-28T01:00:00.000Z', localTime: '2027-03-28 03:00:00 +02:00', note: 'gap_shifted' },
      { at: '2027-03-29T00:30:00.000Z', localTime: '2027-03-29 02:30:00 +02:00', note: null },
    ]);
    assert.equal((await get<CronPreview>('/api/v1/cron/preview?expression=0%200%2013%20*%205')).warnings.length, 1);
    assert.equal((await get<CronPreview>('/api/v1/cron/preview?expression=@daily')).runs.length, 5);
  });

  it('is degraded while a service has no live copy, and well when all have one', async () => {
    const { status, body } = await api.send<Health>('GET', '/health');
    assert.deepEqual([status, body.status, body.checks.broker?.status], [200, 'degraded', 'ok']);
    assert.match(body.checks.services?.detail ?? '', /scheduler, distributor/);
    const replicas = createReplicaStore(api.database);
    for (const service of ['scheduler', 'distributor', 'processor', 'autoscaler'] satisfies Service[]) {
      const replica = { service, name: `${service}-x`, pool: null, slots: 1, leaseMs: 600_000, requestedMs: null };
      const id = await replicas.register(replica);
      await replicas.heartbeat(id, 600_000, { status: 'ready', running: 0, unreadableMessages: 2 });
    }
    const well = (await api.send<Health>('GET', '/health')).body;
    assert.equal(well.status, 'ok');
    assert.equal(well.services.scheduler, 1);
    assert.equal(well.unreadableMessages, 8);
    assert.equal(well.version, '0.0.0-test');
  });

  it('answers the probes, and measures requests by route', async () => {
    assert.equal(await get('/livez'), 'ok\n');
    assert.equal(await get('/readyz'), 'ready\n');
    const metrics = await get<string>('/metrics');
    assert.match(
      metrics,
      /almanac_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/task-types",status="200"\}/,
    );
  });

  it('gives each answer a request id of its own, whatever the client sends, and the headers that keep browsers strict', async () => {
    const first = await api.send('GET', '/api/v1/task-types', { headers: { 'x-request-id': 'mine' } });
    const second = await api.send('GET', '/api/v1/task-types');
    assert.match(first.headers.get('x-request-id') ?? '', /^[\da-f-]{36}$/);
    assert.notEqual(first.headers.get('x-request-id'), second.headers.get('x-request-id'));
    assert.equal(first.headers.get('cache-control'), 'no-store');
    assert.match(first.headers.get('content-security-policy') ?? '', /script-src 'self';.*frame-ancestors 'none'/);
    assert.equal(first.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(first.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(first.headers.get('x-powered-by'), null);
    assert.equal(first.headers.get('access-control-allow-origin'), null);
  });

  it('describes every route of its contract in an OpenAPI 3.1 document', async () => {
    const document = await get<OpenApi>('/api/v1/openapi.json');
    assert.equal(document.openapi, '3.1.0');
    const operations = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    );
    assert.deepEqual(operations.sort(), Object.keys(ROUTES).sort());
    const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
    const used = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
    for (const [, reference] of used) assert.ok(known.has(String(reference)), reference);
    assert.doesNotMatch(JSON.stringify(document), /\$defs/);
  });

  it('serves a viewer for it from its own origin, without inline scripts', async () => {
    const page = await get<string>('/docs');
    for (const [tag] of page.matchAll(/<script[^>]*>[^<]/g)) assert.fail(`inline: ${tag}`);
    for (const [, source] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      assert.equal((await api.send('GET', String(source))).status, 200, source);
    }
    assert.equal((await api.send('GET', '/docs/')).status, 200);
    await api.refuse('GET', '/docs/package.json', 404, 'not_found');
  });
});

describe('the API with a web application', () => {
  let root: string;
  let api: TestApi;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'almanac-web-'));
    await mkdir(join(root, 'web/assets'), { recursive: true });
    await writeFile(join(root, 'secret.txt'), 'secret');
    await writeFile(join(root, 'web/.hidden'), 'hidden');
    await writeFile(join(root, 'web/index.html'), '<!doctype html><title>Almanac</title>');
    await writeFile(join(root, 'web/assets/app-1a2b3c.js'), `console.log(${JSON.stringify('x'.repeat(5_000))})`);
    api = await openTestApi({ webRoot: join(root, 'web') });
  });
  after(async () => {
    await api[Symbol.asyncDispose]();
    await rm(root, { recursive: true });
  });
  const html = { headers: { accept: 'text/html' } };

  it('serves its page for every path that a person may open, and asks for it again each time', async () => {
    for (const path of ['/', '/tasks', '/tasks/7/edit?x=1']) {
      const { status, headers, body } = await api.send<string>('GET', path, html);
      assert.deepEqual([status, headers.get('cache-control')], [200, 'no-cache'], path);
      assert.match(body, /<title>Almanac/);
    }
    const { headers } = await api.send('GET', '/', html);
    const tag = headers.get('etag') ?? '';
    const again = await sendRaw(api.port, { path: '/', headers: { accept: 'text/html', 'if-none-match': tag } });
    assert.equal(again.status, 304);
  });

  it('serves files with hashed names for ever, compressed for those who take it', async () => {
    const { headers } = await api.send('GET', '/assets/app-1a2b3c.js');
    assert.match(headers.get('content-type') ?? '', /^text\/javascript/);
    assert.match(headers.get('cache-control') ?? '', /immutable/);
    assert.equal(headers.get('content-encoding'), 'gzip');
    const plain = await sendRaw(api.port, { path: '/assets/app-1a2b3c.js' });
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.body.length, 5_015);
  });

  it('serves nothing outside of its folder, nothing hidden, and no page in place of a file or a route', async () => {
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/assets/%2e%2e%5csecret.txt',
      '/.hidden',
      '/%00',
      '/%',
      '/assets/missing.js',
      '/assets',
      '/api/v1/nothing',
      '//evil.example/x',
    ]) {
      const { status, body } = await sendRaw(api.port, { path, headers: { accept: '*/*;q=0.1, application/json' } });
      assert.equal(status, 404, `${path}: ${body}`);
    }
    assert.equal((await api.send('GET', '/api/v1/nothing', html)).status, 404);
    assert.equal((await api.send('POST', '/tasks', html)).status, 404);
  });
});

describe('the API when something is away', () => {
  it('answers 503 with Retry-After and no details while the database does not answer', async () => {
    await using api = await openTestApi();
    await cutOff(api);

    const problem = await api.refuse('GET', '/api/v1/tasks', 503, 'unavailable');
    assert.doesNotMatch(JSON.stringify(problem), /select|postgres|test_/i);
    const { headers } = await api.send('POST', '/api/v1/tasks', {
      body: { name: 'x', taskType: 'noop', schedule: { kind: 'immediate' } },
    });
    assert.equal(headers.get('retry-after'), '5');
    const health = await api.send<Health>('GET', '/health');
    assert.deepEqual([health.status, health.body.status, health.body.checks.database?.status], [503, 'down', 'down']);
    assert.equal((await api.send('GET', '/readyz')).status, 503);
    assert.equal((await api.send('GET', '/livez')).status, 200);
  });

  it('says in a sentence that its port is taken', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await assert.rejects(
      () => openTestApi({ port }),
      (error) =>
        error instanceof ListenError &&
        error.message.includes(`Port ${port}`) &&
        error.message.includes('ALMANAC_PORT'),
    );
    other.close();
  });

  it('finishes the requests in hand when it stops, and takes no new ones', async () => {
    const api = await openTestApi();
    const { id } = await api.createTask({});
    // A request that waits for a lock is in hand for as long as we hold it.
    let stopping: PromiseLike<void> | undefined;
    const waiting = await api.database.transaction(async (transaction) => {
      await transaction.query('select from tasks where id = $1 for update', [id]);
      const request = api.send('POST', `/api/v1/tasks/${id}/run`);
      await eventually(async () => {
        const rows = await api.database.dataSource.query<unknown[]>(
          "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        );
        return rows.length > 0;
      });
      stopping = api[Symbol.asyncDispose]();
      await eventually(() =>
        sendRaw(api.port, {}).then(
          () => false,
          () => true,
        ),
      );
      return { request };
    });
    assert.equal((await waiting.request).status, 202);
    await stopping;
  });
});

/** As a restart of the server looks to its clients: their connections end, and new ones are refused. */
async function cutOff({ database }: TestApi): Promise<void> {
  const [row] = await database.dataSource.query<{ name: string }[]>('select current_database() as name');
  assert.ok(row);
  const client = new pg.Client({ connectionString: (await startPostgres()).url });
  await client.connect();
  await client.query(`alter database ${row.name} with allow_connections false`);
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [row.name]);
  await client.end();
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { operationId: string }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}
