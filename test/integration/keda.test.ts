import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ChannelCredentials, credentials, status } from '@grpc/grpc-js';

import { type KedaServerConfig, openKedaServer } from '../../autoscaler/keda-server.ts';
import { PlanBoard } from '../../autoscaler/plan-view.ts';
import { ConfigurationError } from '../../runtime/env.ts';
import { createLogger } from '../../runtime/logger.ts';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { type KedaClient, type KedaVersion, openKedaClient } from '../support/keda-client.ts';
import { boardWith, horizon, planView } from '../support/plan-views.ts';

const METRIC = 'almanac-replicas';
const log = createLogger('test', 'silent');

describe("KEDA's external scaler", () => {
  const opened: AsyncDisposable[] = [];

  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });

  function use<T extends AsyncDisposable>(one: T): T {
    opened.push(one);
    return one;
  }

  async function serve(plans: PlanBoard, more: Partial<KedaServerConfig> = {}): Promise<string> {
    const config = { host: '127.0.0.1', port: 0, pool: 'default', staleMs: 60_000, streamPeriodMs: 10, ...more };
    return `127.0.0.1:${use(await openKedaServer({ plans, log }, config)).port}`;
  }

  function dial(
    address: string,
    metadata: Readonly<Record<string, string>> = {},
    over: ChannelCredentials = credentials.createInsecure(),
    version?: KedaVersion,
  ): KedaClient {
    return use(openKedaClient(address, over, metadata, version));
  }

  const codeOf = (promise: Promise<unknown>): Promise<number | undefined> =>
    promise.then(
      () => undefined,
      (error: unknown) => (error as { code: number }).code,
    );

  it('answers in the order in which KEDA asks: the specification, the value by its name, whether it is active', async () => {
    const keda = dial(await serve(boardWith(planView({ wantedReplicas: 17 }))));
    const specs = await keda.metricSpecs();
    assert.deepEqual(specs, [{ metricName: METRIC, targetSize: 1, targetSizeFloat: 1 }]);
    assert.deepEqual(await keda.metrics(String(specs[0]?.metricName)), [
      { metricName: METRIC, metricValue: 17, metricValueFloat: 17 },
    ]);
    assert.equal(await keda.isActive(), true);
  });

  it('is not active while nothing is wanted, and says zero', async () => {
    const keda = dial(await serve(boardWith(planView({ wantedReplicas: 0 }))));
    assert.equal(await keda.isActive(), false);
    assert.deepEqual(await keda.metrics(METRIC), [{ metricName: METRIC, metricValue: 0, metricValueFloat: 0 }]);
  });

  it('understands a KEDA from before there were floats', async () => {
    const address = await serve(boardWith(planView({ wantedReplicas: 17 })));
    const keda = dial(address, {}, credentials.createInsecure(), '2.12.0');
    assert.deepEqual(await keda.metricSpecs(), [{ metricName: METRIC, targetSize: 1 }]);
    assert.deepEqual(await keda.metrics(METRIC), [{ metricName: METRIC, metricValue: 17 }]);
    assert.equal(await keda.isActive(), true);
    const stream = keda.streamIsActive();
    await eventually(() => stream.messages.length === 1);
    stream.cancel();
  });

  it('serves several pools, each to the trigger that names it', async () => {
    const plans = boardWith(planView(), planView({ pool: 'lab', wantedReplicas: 8 }));
    const address = await serve(plans);
    const valueFor = async (pool: string): Promise<number | undefined> =>
      (await dial(address, { pool }).metrics(METRIC))[0]?.metricValueFloat;
    assert.deepEqual([await valueFor('lab'), await valueFor('default'), await valueFor('')], [8, 3, 3]);
  });

  it('answers with the most of the plan that is within leadSeconds', async () => {
    const plans = boardWith(planView({ wantedReplicas: 3, horizon: horizon([0, 3], [45, 12], [60, 2]) }));
    const address = await serve(plans);
    const valueWith = async (leadSeconds: string): Promise<number | undefined> =>
      (await dial(address, { leadSeconds }).metrics(METRIC))[0]?.metricValue;
    assert.deepEqual([await valueWith('0'), await valueWith('44'), await valueWith('45')], [3, 3, 12]);
    plans.later(50_000);
    assert.equal(await valueWith('5'), 12);
  });

  it('is active ahead of work, when it looks ahead', async () => {
    const plans = boardWith(planView({ wantedReplicas: 0, horizon: horizon([0, 0], [30, 2]) }));
    const address = await serve(plans);
    assert.equal(await dial(address).isActive(), false);
    assert.equal(await dial(address, { leadSeconds: '30' }).isActive(), true);
  });

  it('goes on from a stale plan, up but not down', async () => {
    const plans = boardWith(planView({ wantedReplicas: 3, horizon: horizon([0, 3], [120, 9], [180, 0]) }));
    const keda = dial(await serve(plans));
    plans.later(121_000);
    assert.equal((await keda.metrics(METRIC))[0]?.metricValue, 9);
    plans.later(100_000);
    assert.equal((await keda.metrics(METRIC))[0]?.metricValue, 9);
  });

  describe('without a plan', () => {
    it('is unavailable, and never says zero', async () => {
      const keda = dial(await serve(new PlanBoard()));
      assert.equal(await codeOf(keda.isActive()), status.UNAVAILABLE);
      assert.equal(await codeOf(keda.metrics(METRIC)), status.UNAVAILABLE);
      assert.equal(await keda.streamIsActive().ended, status.UNAVAILABLE);
    });

    it('knows its metrics nevertheless, so that KEDA makes its HPA from them', async () => {
      const keda = dial(await serve(new PlanBoard()));
      assert.equal((await keda.metricSpecs())[0]?.metricName, METRIC);
      const stream = keda.streamMetricSpecs();
      await eventually(() => stream.messages.length === 1);
      stream.cancel();
    });

    it('answers on the same connection as soon as there is one', async () => {
      const plans = new PlanBoard();
      const keda = dial(await serve(plans));
      assert.equal(await codeOf(keda.isActive()), status.UNAVAILABLE);
      plans.publish(planView());
      assert.equal(await keda.isActive(), true);
    });

    it('is unavailable for the pool that has none, however many others have', async () => {
      const keda = dial(await serve(boardWith(planView())), { pool: 'lab' });
      assert.equal(await codeOf(keda.metrics(METRIC)), status.UNAVAILABLE);
    });
  });

  describe('refuses', () => {
    it('a metric that it has not named, such as one with the prefix of the HPA', async () => {
      const keda = dial(await serve(boardWith(planView())));
      assert.equal(await codeOf(keda.metrics(`s0-${METRIC}`)), status.NOT_FOUND);
    });

    for (const leadSeconds of ['soon', '-1', '100000', 'NaN']) {
      it(`leadSeconds ${leadSeconds}, already when the trigger is made`, async () => {
        const keda = dial(await serve(boardWith(planView())), { leadSeconds });
        assert.equal(await codeOf(keda.metricSpecs()), status.INVALID_ARGUMENT);
        assert.equal(await codeOf(keda.metrics(METRIC)), status.INVALID_ARGUMENT);
        assert.equal(await keda.streamMetricSpecs().ended, status.INVALID_ARGUMENT);
        assert.equal(await keda.streamIsActive().ended, status.INVALID_ARGUMENT);
      });
    }
  });

  describe('on a stream', () => {
    it('says at once how things are, and then each change once', async () => {
      const plans = boardWith(planView({ wantedReplicas: 0, horizon: [] }));
      const stream = dial(await serve(plans)).streamIsActive();
      await eventually(() => stream.messages.length === 1);
      for (const wantedReplicas of [0, 5, 6, 0]) plans.publish(planView({ wantedReplicas, horizon: [] }));
      await eventually(() => stream.messages.length === 3);
      assert.deepEqual(stream.messages, [false, true, false]);
      stream.cancel();
      assert.equal(await stream.ended, status.CANCELLED);
    });

    it('says what time alone has changed', async () => {
      const plans = boardWith(planView({ wantedReplicas: 0, horizon: horizon([0, 0], [120, 2]) }));
      const stream = dial(await serve(plans)).streamIsActive();
      await eventually(() => stream.messages.length === 1);
      plans.later(130_000);
      await eventually(() => stream.messages.length === 2);
      assert.deepEqual(stream.messages, [false, true]);
    });

    it('says the specification at once, and the one that GetMetricSpec says', async () => {
      const keda = dial(await serve(boardWith(planView())));
      const stream = keda.streamMetricSpecs();
      await eventually(() => stream.messages.length === 1);
      assert.deepEqual(stream.messages, [await keda.metricSpecs()]);
      stream.cancel();
      assert.equal(await stream.ended, status.CANCELLED);
    });

    it('leaves nobody who watches the plan behind', async () => {
      const plans = boardWith(planView());
      let watching = 0;
      const watch = plans.watch.bind(plans);
      plans.watch = (hear) => {
        watching += 1;
        const stop = watch(hear);
        return () => {
          watching -= 1;
          stop();
        };
      };
      const keda = dial(await serve(plans));
      const streams = Array.from({ length: 20 }, () => keda.streamIsActive());
      await eventually(() => watching === 20 && streams.every(({ messages }) => messages.length === 1));
      for (const stream of streams) stream.cancel();
      await eventually(() => watching === 0);
    });

    it('ends it cleanly when the server stops, so that KEDA opens it again at once', async () => {
      const config = { host: '127.0.0.1', port: 0, pool: 'default', staleMs: 60_000 };
      const server = await openKedaServer({ plans: boardWith(planView()), log }, config);
      const keda = dial(`127.0.0.1:${server.port}`);
      const streams = [keda.streamIsActive(), keda.streamMetricSpecs()];
      await eventually(() => streams.every(({ messages }) => messages.length === 1));
      await server[Symbol.asyncDispose]();
      assert.deepEqual(await Promise.all(streams.map(({ ended }) => ended)), [0, 0]);
    });
  });

  describe('over TLS', () => {
    let directory: string;
    let authority: Authority;
    let server: Certificate;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'almanac-keda-'));
      authority = await createAuthority(directory, 'authority');
      server = await authority.issue({ commonName: 'almanac', usage: 'server' });
    });

    afterEach(async () => {
      await rm(directory, { recursive: true });
    });

    async function trusting(from: Authority, client?: Certificate): Promise<ChannelCredentials> {
      const ca = await readFile(from.certFile);
      if (client === undefined) return credentials.createSsl(ca);
      return credentials.createSsl(ca, await readFile(client.keyFile), await readFile(client.certFile));
    }

    it('answers a client that trusts its authority, and no other', async () => {
      const address = await serve(boardWith(planView()), { tls: server });
      assert.equal(await dial(address, {}, await trusting(authority)).isActive(), true);
      const other = await createAuthority(directory, 'other');
      const stranger = dial(address, {}, await trusting(other));
      assert.equal(await codeOf(stranger.isActive()), status.UNAVAILABLE);
    });

    it('does not speak plain text', async () => {
      const address = await serve(boardWith(planView()), { tls: server });
      assert.equal(await codeOf(dial(address).isActive()), status.UNAVAILABLE);
    });

    it('asks for a client certificate of the given authority, where there is one', async () => {
      const clients = await createAuthority(directory, 'clients');
      const address = await serve(boardWith(planView()), { tls: { ...server, clientCaFile: clients.certFile } });
      const ask = async (client?: Certificate): Promise<unknown> => {
        const keda = dial(address, {}, await trusting(authority, client));
        return keda.isActive().catch((error: unknown) => (error as { code: number }).code);
      };
      assert.equal(await ask(await clients.issue({ commonName: 'keda', usage: 'client' })), true);
      assert.equal(await ask(), status.UNAVAILABLE);
      assert.equal(await ask(await authority.issue({ commonName: 'keda', usage: 'client' })), status.UNAVAILABLE);
      const expired = await clients.issue({ commonName: 'keda', usage: 'client', expired: true });
      assert.equal(await ask(expired), status.UNAVAILABLE);
    });

    it('takes up a new certificate while it runs, once its key is there too', async () => {
      const files = { certFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') };
      await copyFile(server.certFile, files.certFile);
      await copyFile(server.keyFile, files.keyFile);
      const address = await serve(boardWith(planView()), { tls: { ...files, reloadMs: 10 } });
      const other = await createAuthority(directory, 'other');
      const next = await other.issue({ commonName: 'almanac', usage: 'server' });
      const isTrusted = async (from: Authority): Promise<boolean> =>
        dial(address, {}, await trusting(from))
          .isActive()
          .catch(() => false);

      await copyFile(next.certFile, files.certFile);
      assert.equal(await isTrusted(authority), true, 'half a change does no harm');
      await copyFile(next.keyFile, files.keyFile);
      await eventually(() => isTrusted(other));
      assert.equal(await isTrusted(authority), false);
    });

    it('refuses to start with a key that is of another certificate', async () => {
      const { keyFile } = await authority.issue({ commonName: 'other', usage: 'server' });
      await assert.rejects(serve(boardWith(planView()), { tls: { ...server, keyFile } }), ConfigurationError);
    });

    it('refuses to start without its files, and says which', async () => {
      const certFile = join(directory, 'missing.crt');
      await assert.rejects(serve(boardWith(planView()), { tls: { ...server, certFile } }), /missing\.crt/);
    });
  });

  it('says so when its address is taken', async () => {
    const address = await serve(boardWith(planView()));
    await assert.rejects(serve(boardWith(planView()), { port: Number(address.split(':')[1]) }), /EADDRINUSE|bind/);
  });

  it('stays up when somebody talks nonsense to it', async () => {
    const address = await serve(boardWith(planView()));
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    assert.equal(await dial(address).isActive(), true);
  });
});
