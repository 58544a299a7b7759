import assert from 'node:assert/strict';
import { createServer } from 'node:net';

import { credentials } from '@grpc/grpc-js';

import { ConfigurationError } from '../../runtime/env.ts';
import { type AlmanacProcess, runAlmanac } from '../support/almanac.ts';
import { eventually } from '../support/eventually.ts';
import { openKedaClient } from '../support/keda-client.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/migrated-database.ts';
import { cleanRabbitMq } from '../support/stack.ts';

interface Copy {
  readonly process: AlmanacProcess;
  readonly url: string;
  readonly keda: string;
}

describe('the servers of the process `almanac autoscaler`', function () {
  this.timeout(120_000);
  let migrated: MigratedDatabase;
  let copies: Copy[];

  before(async () => {
    migrated = await createMigratedDatabase(3);
    const amqpUrl = (await cleanRabbitMq()).url;
    copies = await Promise.all([1, 2].map(() => startCopy(migrated.url, amqpUrl)));
  });
  after(async () => {
    for (const { process } of copies) await process[Symbol.asyncDispose]();
    await migrated[Symbol.asyncDispose]();
  });

  async function startCopy(databaseUrl: string, amqpUrl: string): Promise<Copy> {
    const [http, grpc] = await Promise.all([freePort(), freePort()]);
    const process = runAlmanac(['autoscaler'], {
      DATABASE_URL: databaseUrl,
      AMQP_URL: amqpUrl,
      ALMANAC_SCALE_TARGET: 'observe',
      ALMANAC_MIN_REPLICAS: '3',
      ALMANAC_SCALE_PERIOD_MS: '200',
      ALMANAC_HEALTH_PORT: String(http),
      ALMANAC_KEDA_PORT: String(grpc),
    });
    return { process, url: `http://127.0.0.1:${http}`, keda: `127.0.0.1:${grpc}` };
  }

  it('answer in every copy, not only in the one that writes, with one number', async () => {
    for (const { url, keda } of copies) {
      const body = await eventually(
        async () => {
          const response = await fetch(`${url}/replicas`).catch(() => undefined);
          return response?.status === 200 ? ((await response.json()) as Record<string, unknown>) : (false as const);
        },
        { timeoutMs: 60_000 },
      );
      assert.deepEqual(Object.keys(body), ['replicas', 'required', 'ready', 'limit', 'at', 'stale']);
      assert.deepEqual([body.replicas, body.required, body.ready, body.stale], [3, 0, 0, false]);

      await using client = openKedaClient(keda, credentials.createInsecure());
      const [spec] = await client.metricSpecs();
      const [value] = await client.metrics(String(spec?.metricName));
      assert.equal(value?.metricValueFloat, 3);
      assert.equal(await client.isActive(), true);
    }
  });

  it('know nothing of a pool that nobody plans', async () => {
    const response = await fetch(`${String(copies[0]?.url)}/replicas?pool=none`);
    assert.equal(response.status, 503);
  });

  it('stand beside the probes and the metrics', async () => {
    for (const path of ['/livez', '/readyz', '/metrics'])
      assert.equal((await fetch(`${String(copies[0]?.url)}${path}`)).status, 200, path);
    assert.equal((await fetch(`${String(copies[0]?.url)}/toString`)).status, 404);
  });

  it('end in order', async () => {
    const copy = copies[1];
    assert.ok(copy);
    await using client = openKedaClient(copy.keda, credentials.createInsecure());
    const stream = client.streamIsActive();
    await eventually(() => stream.messages.length === 1);
    copy.process.signal('SIGTERM');
    assert.equal(await stream.ended, 0);
    assert.equal(await copy.process.exited, 0);
  });

  it('refuse to start without the certificate that they need, and name every setting that is missing', async () => {
    const process = runAlmanac(['autoscaler'], {
      DATABASE_URL: migrated.url,
      AMQP_URL: (await cleanRabbitMq()).url,
      ALMANAC_EXTERNAL_METRICS_PORT: '0',
      ALMANAC_KEDA_TLS_CLIENT_CA_FILE: '/nowhere/ca.crt',
    });
    assert.equal(await process.exited, 78);
    const said = process.stderr() + process.stdout();
    assert.match(said, new RegExp(new ConfigurationError([]).message));
    assert.match(
      said,
      /ALMANAC_EXTERNAL_METRICS_TLS_CERT_FILE, ALMANAC_EXTERNAL_METRICS_TLS_KEY_FILE: both are needed/,
    );
    assert.match(said, /ALMANAC_KEDA_TLS_CERT_FILE, ALMANAC_KEDA_TLS_KEY_FILE: both are needed/);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
