import assert from 'node:assert/strict';

import { type HpaFloorTargetConfig, openHpaFloorTarget } from '../../autoscaler/hpa-floor-target.ts';
import { type ScaleTarget, ScaleTargetError } from '../../autoscaler/scale-target.ts';
import { type KubeApiServer, openKubeApiServer, type Route } from '../support/kube-api-server.ts';

describe('the floor of an HPA as scale target', () => {
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

  function open(more: Partial<HpaFloorTargetConfig> = {}): ScaleTarget {
    return openHpaFloorTarget({
      namespace: 'lab',
      hpa: 'almanac-processor',
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

  it('reads the floor, which is one where it is left out, and the ready replicas of what the HPA scales', async () => {
    assert.deepEqual(await target.read(), { desired: 1, ready: 2 });
    server.hpa.minReplicas = 4;
    server.forbidden.add('get-deployment');
    assert.deepEqual(await target.read(), { desired: 4, ready: undefined });
  });

  it('sets the floor and nothing else, with a merge patch under its own name', async () => {
    await target.apply(7, never);
    assert.deepEqual(server.hpa, { minReplicas: 7, maxReplicas: 10, resourceVersion: 501 });
    assert.equal(server.deployment.replicas, 2);
    const patch = server.requests.find(({ route }) => route === 'patch-hpa');
    assert.equal(patch?.contentType, 'application/merge-patch+json');
    assert.match(patch.url, /fieldManager=almanac-autoscaler/);
  });

  it('writes nothing when the floor is already there', async () => {
    await target.apply(1, never);
    assert.equal(count('patch-hpa'), 0);
  });

  it('can not go below one, and remembers what it was asked for', async () => {
    server.hpa.minReplicas = 3;
    await target.apply(0, never);
    assert.equal(server.hpa.minReplicas, 1);
    assert.equal((await target.read()).desired, 0);
  });

  it('says so, once, when the HPA allows less than is wanted, and goes as far as it may', async () => {
    const error = await failureOf(target.apply(14, never));
    assert.equal(error.retryable, false);
    assert.match(
      error.message,
      /allows 10 replicas at most, so its minReplicas is 10 and not 14\. Raise its maxReplicas/,
    );
    assert.equal(server.hpa.minReplicas, 10);
    assert.equal((await target.read()).desired, 14);
  });

  it('sees when the HPA allows more later, or when somebody else moves the floor', async () => {
    await failureOf(target.apply(14, never));
    server.hpa.maxReplicas = 20;
    assert.equal((await target.read()).desired, 10);
    await target.apply(14, never);
    assert.equal(server.hpa.minReplicas, 14);
    server.hpa.minReplicas = 2;
    assert.equal((await target.read()).desired, 2);
  });

  it('reads again after a conflict and after an answer from a cache that is behind, then writes', async () => {
    server.fail('patch-hpa', { kind: 'interfere', replicas: 5 });
    await target.apply(6, never);
    assert.equal(server.hpa.minReplicas, 6);
    server.fail('get-hpa', { kind: 'stale' });
    await target.apply(8, never);
    assert.equal(server.hpa.minReplicas, 8);
    assert.equal(count('patch-hpa'), 4);
  });

  it('gives up after a bounded number of conflicts', async () => {
    target = open({ deadlineMs: 60_000 });
    server.fail('patch-hpa', ...Array.from({ length: 20 }, () => ({ kind: 'interfere' as const })));
    const error = await failureOf(target.apply(9, never));
    assert.equal(error.retryable, true);
    assert.match(
      error.message,
      /Somebody else changed HorizontalPodAutoscaler lab\/almanac-processor each of the 8 times/,
    );
    assert.equal(server.hpa.minReplicas, undefined);
  });

  it('repeats after server errors and lost connections', async () => {
    server.fail('get-hpa', { kind: 'status', status: 500 }, { kind: 'drop' }, { kind: 'status', status: 429 });
    server.fail('patch-hpa', { kind: 'status', status: 503 }, { kind: 'drop-after' });
    await target.apply(3, never);
    assert.equal(server.hpa.minReplicas, 3);
  });

  it('names the Role rule that is missing, and the HPA that is not there', async () => {
    assert.match(
      (await failureOf(open({ hpa: 'other' }).read())).message,
      /There is no HorizontalPodAutoscaler other in namespace lab\. Check ALMANAC_KUBE_NAMESPACE and ALMANAC_KUBE_HPA/,
    );
    server.forbidden.add('patch-hpa');
    assert.match(
      (await failureOf(target.apply(3, never))).message,
      /apiGroups: \[autoscaling\], resources: \[horizontalpodautoscalers\], resourceNames: \[almanac-processor\], verbs: \[patch\]/,
    );
  });

  it('refuses to work after it was disposed of', async () => {
    await target[Symbol.asyncDispose]();
    assert.match((await failureOf(target.read())).message, /was closed/);
  });
});
