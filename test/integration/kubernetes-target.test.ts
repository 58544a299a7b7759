import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type KubernetesTargetConfig, openKubernetesTarget } from '../../autoscaler/kubernetes-target.ts';
import { type ScaleTarget, ScaleTargetError } from '../../autoscaler/scale-target.ts';
import { eventually } from '../support/eventually.ts';
import { type KubeApiServer, openKubeApiServer, type Route } from '../support/kube-api-server.ts';

describe('the Kubernetes scale target', () => {
  let server: KubeApiServer;
  let target: ScaleTarget;
  const never = new AbortController().signal;

  beforeEach(async () => {
    server = await openKubeApiServer();
    target = open();
  });

  afterEach(async () => {
    await target[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  function open(more: Partial<KubernetesTargetConfig> = {}): ScaleTarget {
    return openKubernetesTarget({
      namespace: 'lab',
      deployment: 'almanac-processor',
      connection: { kind: 'service-account', server: server.url, directory: server.directory },
      ...more,
    });
  }

  const count = (route: Route): number => server.requests.filter((request) => request.route === route).length;

  async function failureOf(promise: Promise<unknown>): Promise<ScaleTargetError> {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ScaleTargetError, `expected a ScaleTargetError, got ${String(error)}`);
    return error;
  }

  it('reads the desired and the ready replicas', async () => {
    server.deployment.replicas = 5;
    server.deployment.readyReplicas = 3;
    assert.deepEqual(await target.read(), { desired: 5, ready: 3 });
  });

  it('reads a Deployment that is scaled to zero as zero, although the numbers are left out of the answers', async () => {
    server.deployment.replicas = 0;
    server.deployment.readyReplicas = 0;
    assert.deepEqual(await target.read(), { desired: 0, ready: 0 });
  });

  it('does not know the ready replicas before the controller has counted them, nor when it may not look', async () => {
    server.deployment.observed = false;
    assert.deepEqual(await target.read(), { desired: 2, ready: undefined });
    server.deployment.observed = true;
    server.forbidden.add('get-deployment');
    assert.deepEqual(await target.read(), { desired: 2, ready: undefined });
  });

  it('sets the replicas with a merge patch under its own name', async () => {
    await target.apply(7, never);
    assert.equal(server.deployment.replicas, 7);
    const patch = server.requests.find((request) => request.route === 'patch-scale');
    assert.equal(patch?.contentType, 'application/merge-patch+json');
    assert.match(patch.url, /fieldManager=almanac-autoscaler/);
  });

  it('scales to zero and back', async () => {
    await target.apply(0, never);
    assert.equal(server.deployment.replicas, 0);
    await target.apply(4, never);
    assert.equal(server.deployment.replicas, 4);
  });

  it('writes nothing when the number is already there', async () => {
    await target.apply(2, never);
    assert.equal(count('patch-scale'), 0);
  });

  it('refuses numbers that are no count, and asks nobody about them', async () => {
    for (const replicas of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal((await failureOf(target.apply(replicas, never))).retryable, false);
    }
    assert.equal(server.requests.length, 0);
  });

  it('reads again after a conflict, then writes', async () => {
    server.fail('patch-scale', { kind: 'interfere' }, { kind: 'interfere', replicas: 4 });
    await target.apply(6, never);
    assert.equal(server.deployment.replicas, 6);
    assert.equal(count('patch-scale'), 3);
    assert.equal(count('get-scale'), 3);
  });

  it('does not write over the very number that another writer has set in between', async () => {
    server.fail('patch-scale', { kind: 'interfere', replicas: 6 });
    await target.apply(6, never);
    assert.equal(count('patch-scale'), 1);
    assert.equal(server.deployment.resourceVersion, 101);
  });

  it('gives up after a bounded number of conflicts, and says that nothing was written', async () => {
    target = open({ deadlineMs: 60_000 });
    server.fail('patch-scale', ...Array.from({ length: 20 }, () => ({ kind: 'interfere' as const })));
    const error = await failureOf(target.apply(9, never));
    assert.equal(error.retryable, true);
    assert.match(error.message, /Somebody else changed Deployment lab\/almanac-processor each of the 8 times/);
    assert.equal(server.deployment.replicas, 2);
    assert.equal(count('patch-scale'), 8);
  });

  it('waits as long as a throttling server asks, then repeats', async () => {
    server.fail('get-scale', { kind: 'status', status: 429, retryAfterS: 1 });
    const beforeMs = performance.now();
    await target.apply(3, never);
    assert.ok(performance.now() - beforeMs >= 990, 'repeated before the second was over');
    assert.equal(server.deployment.replicas, 3);
  });

  it('repeats after server errors and lost connections', async () => {
    server.fail('get-scale', { kind: 'status', status: 500 }, { kind: 'drop' }, { kind: 'status', status: 503 });
    server.fail('patch-scale', { kind: 'status', status: 504 }, { kind: 'drop' });
    await target.apply(3, never);
    assert.equal(server.deployment.replicas, 3);
  });

  it('finds its own write done when only the answer was lost', async () => {
    server.fail('patch-scale', { kind: 'drop-after' });
    await target.apply(3, never);
    assert.equal(server.deployment.replicas, 3);
    assert.equal(server.deployment.resourceVersion, 101, 'written once');
  });

  it('gives up at its deadline, names the last failure, and may be tried again', async () => {
    target = open({ deadlineMs: 500 });
    server.fail(
      'get-scale',
      ...Array.from({ length: 50 }, () => ({ kind: 'status' as const, status: 503, message: 'etcd is away' })),
    );
    const error = await failureOf(target.apply(3, never));
    assert.equal(error.retryable, true);
    assert.match(error.message, /Gave up after 500 ms\. The API server answered 503 .* etcd is away/);
    assert.equal(server.deployment.replicas, 2);
  });

  it('ends a request that hangs, before the answer or in the middle of it, and repeats it', async () => {
    target = open({ requestTimeoutMs: 200 });
    server.fail('get-scale', { kind: 'hang' }, { kind: 'hang-in-body' });
    await target.apply(3, never);
    assert.equal(server.deployment.replicas, 3);
    assert.equal(count('get-scale'), 3);
  });

  it('reports a server that never answers as a failure, not as no replicas', async () => {
    target = open({ requestTimeoutMs: 100, deadlineMs: 400 });
    server.fail('get-scale', ...Array.from({ length: 20 }, () => ({ kind: 'hang' as const })));
    const error = await failureOf(target.read());
    assert.equal(error.retryable, true);
    assert.match(error.message, /did not answer/);
  });

  it('reports a server that is not there as a failure that may pass', async () => {
    const url = server.url;
    await server[Symbol.asyncDispose]();
    server = await openKubeApiServer();
    const connection = { kind: 'service-account', server: url, directory: server.directory } as const;
    const error = await failureOf(open({ connection, deadlineMs: 300 }).read());
    assert.equal(error.retryable, true);
    assert.match(error.message, /ECONNREFUSED/);
  });

  it("stops at once when the caller's signal aborts, with the caller's reason", async () => {
    server.fail('get-scale', { kind: 'hang' });
    const stop = new AbortController();
    const reason = new Error('lost the lock');
    const applied = target.apply(3, stop.signal);
    await eventually(() => count('get-scale') === 1);
    stop.abort(reason);
    await assert.rejects(applied, reason);
    await assert.rejects(target.apply(3, stop.signal), reason);
    assert.equal(count('patch-scale'), 0);
  });

  it('stops what is under way when it is disposed of, and refuses to work after that', async () => {
    server.fail('get-scale', { kind: 'hang' });
    const reading = failureOf(target.read());
    await eventually(() => count('get-scale') === 1);
    await target[Symbol.asyncDispose]();
    assert.match((await reading).message, /was closed/);
    assert.match((await failureOf(target.apply(3, never))).message, /was closed/);
  });

  it('takes up a new token as soon as the old one is refused', async () => {
    await target.read();
    await writeFile(join(server.directory, 'token'), 'second-token');
    server.tokens.clear();
    server.tokens.add('second-token');
    await target.apply(3, never);
    assert.equal(server.deployment.replicas, 3);
    assert.equal(server.requests.at(-1)?.token, 'second-token');
  });

  it('says so when the token is refused for good', async () => {
    server.tokens.clear();
    const error = await failureOf(target.apply(3, never));
    assert.equal(error.retryable, false);
    assert.match(error.message, /does not accept our credentials \(401\)/);
  });

  it('names the Role rule that is missing', async () => {
    server.forbidden.add('patch-scale');
    const error = await failureOf(target.apply(3, never));
    assert.equal(error.retryable, false);
    assert.match(
      error.message,
      /A Role in namespace lab.* resources: \[deployments\/scale\], resourceNames: \[almanac-processor\], verbs: \[patch\]/,
    );
    assert.equal(count('patch-scale'), 1, 'not repeated');
  });

  it('names the Deployment that is not there', async () => {
    const error = await failureOf(open({ deployment: 'processor' }).read());
    assert.equal(error.retryable, false);
    assert.match(error.message, /There is no Deployment processor in namespace lab/);
  });

  it('does not repeat a request that the server finds wrong', async () => {
    server.fail('patch-scale', { kind: 'status', status: 422, message: 'replicas: too many' });
    const error = await failureOf(target.apply(3, never));
    assert.equal(error.retryable, false);
    assert.match(error.message, /422 .* replicas: too many/);
  });

  it('does nothing wrong on what a cache says that is behind: at most nothing, for a write on it is refused', async () => {
    await target.apply(5, never);
    server.fail('get-scale', { kind: 'stale' });
    await target.apply(2, never); // the cache says 2
    assert.equal(server.deployment.replicas, 5, 'the next turn sees it');
    server.fail('get-scale', { kind: 'stale' });
    await target.apply(7, never);
    assert.equal(server.deployment.replicas, 7);
    assert.equal(count('patch-scale'), 3, 'the write with an old version was refused');
  });

  it('shows pods that are slow to start and slow to end as not ready', async () => {
    server.deployment.replicas = 1;
    server.reconcile();
    server.reconcile();
    await target.apply(3, never);
    server.reconcile();
    assert.deepEqual(await target.read(), { desired: 3, ready: 1 });
    server.reconcile();
    assert.deepEqual(await target.read(), { desired: 3, ready: 3 });
    await target.apply(1, never);
    server.reconcile();
    assert.deepEqual(await target.read(), { desired: 1, ready: 1 });
    assert.equal(server.pods.length, 3, 'two of them still end');
  });

  describe('before a scale-in', () => {
    let busy: Map<string, number>;
    let pods: string[];

    beforeEach(() => {
      busy = new Map();
      server.deployment.replicas = 4;
      for (let step = 0; step < 2; step += 1) server.reconcile();
      pods = server.pods.map(({ name }) => name);
      target = open({ readBusyPods: () => Promise.resolve(busy) });
    });

    const costs = (): (string | undefined)[] => server.pods.map(({ cost }) => cost);
    const gone = (): string[] => server.pods.filter(({ isDeleting }) => isDeleting).map(({ name }) => name);

    it('makes idle pods the cheapest and busy ones as dear as the work they have left', async () => {
      busy.set(String(pods[0]), 90_400).set(String(pods[1]), 0).set(String(pods[3]), 5_000);
      await target.apply(2, never);
      assert.deepEqual(costs(), ['101', '10', undefined, '15']);
      server.reconcile();
      assert.deepEqual(gone(), [pods[1], pods[2]]);
    });

    it('writes only what has changed', async () => {
      busy.set(String(pods[0]), 60_000).set(String(pods[3]), 60_000);
      await target.apply(3, never);
      assert.equal(count('patch-pod'), 2);
      server.reconcile();
      busy.delete(String(pods[3]));
      await target.apply(2, never);
      assert.equal(count('patch-pod'), 3);
      assert.deepEqual(costs(), ['70', undefined, undefined, '0']);
    });

    it('leaves pods alone that end already', async () => {
      const [ending] = server.pods;
      assert.ok(ending);
      ending.isDeleting = true;
      busy.set(ending.name, 60_000);
      await target.apply(2, never);
      assert.equal(ending.cost, undefined);
    });

    it('marks once, however often the write meets a conflict', async () => {
      busy.set(String(pods[0]), 60_000);
      server.fail('patch-scale', { kind: 'interfere' }, { kind: 'interfere' });
      await target.apply(2, never);
      assert.equal(count('list-pods'), 1);
      assert.equal(server.deployment.replicas, 2);
    });

    it('does not look at pods when it scales out', async () => {
      await target.apply(6, never);
      assert.equal(count('list-pods'), 0);
    });

    it('is not kept from the scale-in by anything that goes wrong with it', async () => {
      const failures: (() => void)[] = [
        () => server.forbidden.add('list-pods'),
        () => server.fail('list-pods', { kind: 'status', status: 500 }),
        () => server.fail('list-pods', { kind: 'drop' }),
        () => server.fail('list-pods', { kind: 'hang' }),
        () => server.fail('patch-pod', { kind: 'hang' }, { kind: 'status', status: 409 }, { kind: 'drop' }),
        () => server.forbidden.add('patch-pod'),
      ];
      for (const [index, fail] of failures.entries()) {
        server.forbidden.clear();
        server.deployment.replicas = 4;
        for (const name of pods) busy.set(name, (index + 1) * 60_000);
        fail();
        target = open({ readBusyPods: () => Promise.resolve(busy), requestTimeoutMs: 300 });
        await target.apply(2, never);
        assert.equal(server.deployment.replicas, 2, `failure ${index}`);
      }
    });

    it('says nothing about pods when nobody knows what they do, and scales in nevertheless', async () => {
      for (const readBusyPods of [
        () => Promise.reject(new Error('the database is away')),
        () => new Promise<never>(() => undefined),
      ]) {
        server.deployment.replicas = 4;
        target = open({ readBusyPods, deadlineMs: 600 });
        await target.apply(2, never);
        assert.equal(server.deployment.replicas, 2);
      }
      assert.equal(count('patch-pod'), 0);
    });

    it("stops at once when the caller's signal aborts, with the caller's reason", async () => {
      server.fail('list-pods', { kind: 'hang' });
      const stop = new AbortController();
      const reason = new Error('lost the lock');
      const applied = target.apply(2, stop.signal);
      await eventually(() => count('list-pods') === 1);
      stop.abort(reason);
      await assert.rejects(applied, reason);
      assert.equal(server.deployment.replicas, 4);
    });
  });

  describe('trust', () => {
    let directory: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'almanac-kube-other-'));
    });

    afterEach(async () => {
      await rm(directory, { recursive: true });
    });

    it('refuses a server whose certificate is from another authority, without sending it the token', async () => {
      await using other = await openKubeApiServer();
      await copyFile(join(other.directory, 'ca.crt'), join(directory, 'ca.crt'));
      await writeFile(join(directory, 'token'), 'first-token');
      const connection = { kind: 'service-account', server: server.url, directory } as const;
      const error = await failureOf(open({ connection }).read());
      assert.equal(error.retryable, false);
      assert.match(error.message, /certificate was refused/);
      assert.equal(server.requests.length, 0);
    });

    it('refuses a certificate that is for another name', async () => {
      const connection = {
        kind: 'service-account',
        server: server.url.replace('127.0.0.1', 'localhost'),
        directory: server.directory,
      } as const;
      const error = await failureOf(open({ connection }).read());
      assert.equal(error.retryable, false);
      assert.match(error.message, /ERR_TLS_CERT_ALTNAME_INVALID/);
    });

    it('says which file of the service account can not be read', async () => {
      const connection = { kind: 'service-account', server: server.url, directory } as const;
      const error = await failureOf(open({ connection }).read());
      assert.equal(error.retryable, false);
      assert.match(error.message, /ca\.crt/);
    });

    it('works with a kubeconfig file', async () => {
      const file = join(directory, 'config');
      await writeFile(file, kubeconfig(server, 'first-token'));
      assert.deepEqual(await open({ connection: { kind: 'kubeconfig', file } }).read(), { desired: 2, ready: 2 });
    });

    it('says so when the kubeconfig is not there', () => {
      const file = join(directory, 'missing');
      assert.throws(() => open({ connection: { kind: 'kubeconfig', file } }), /could not be loaded: .*missing/);
    });
  });
});

function kubeconfig(server: KubeApiServer, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'c', cluster: { server: server.url, 'certificate-authority': join(server.directory, 'ca.crt') } },
    ],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}
