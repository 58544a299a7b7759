import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request as send } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import {
  type ExternalMetricsServerConfig,
  openExternalMetricsServer,
} from '../../autoscaler/external-metrics-server.ts';
import { PlanBoard } from '../../autoscaler/plan-view.ts';
import { ConfigurationError } from '../../runtime/env.ts';
import { createLogger } from '../../runtime/logger.ts';
import { type Authority, type Certificate, createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { type KubeApiServer, openKubeApiServer } from '../support/kube-api-server.ts';
import { boardWith, planView } from '../support/plan-views.ts';

const GROUP = '/apis/external.metrics.k8s.io/v1beta1';
const VALUE = `${GROUP}/namespaces/lab/almanac-replicas`;
const HPA = 'system:serviceaccount:kube-system:horizontal-pod-autoscaler';
const log = createLogger('test', 'silent');

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Caller {
  readonly certificate?: Certificate;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly method?: string;
}

describe('the external metrics API', () => {
  let directory: string;
  let kube: KubeApiServer;
  let serving: Authority;
  let proxies: Authority;
  let serverCertificate: Certificate;
  let proxy: Certificate;
  let opened: AsyncDisposable[];
  let agents: Agent[];

  // Keys are slow to make, and no test changes these.
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'almanac-metrics-'));
    [serving, proxies] = await Promise.all([
      createAuthority(directory, 'serving'),
      createAuthority(directory, 'front proxy'),
    ]);
    serverCertificate = await serving.issue({ commonName: 'almanac-autoscaler.lab.svc', usage: 'server' });
    proxy = await proxies.issue({ commonName: 'front-proxy-client', usage: 'client' });
  });

  after(async () => {
    await rm(directory, { recursive: true });
  });

  beforeEach(async () => {
    [opened, agents] = [[], []];
    kube = use(await openKubeApiServer());
    Object.assign(kube.authentication, {
      'requestheader-client-ca-file': await readFile(proxies.certFile, 'utf8'),
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    });
    kube.allowed.add(`${HPA} lab/almanac-replicas`);
  });

  afterEach(async () => {
    for (const agent of agents) agent.destroy();
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });

  function use<T extends AsyncDisposable>(one: T): T {
    opened.push(one);
    return one;
  }

  async function serve(
    plans: PlanBoard,
    more: Partial<ExternalMetricsServerConfig> = {},
    now = Date.now,
  ): Promise<number> {
    const connection = { kind: 'service-account', server: kube.url, directory: kube.directory } as const;
    const config = { host: '127.0.0.1', port: 0, tls: serverCertificate, connection, staleMs: 60_000, ...more };
    return use(await openExternalMetricsServer({ plans, log, now }, config)).port;
  }

  /** One request on a connection of its own, as the API server's proxy makes it, or whoever else. */
  async function ask(port: number, path: string, caller: Caller = {}, agent?: Agent): Promise<Answer> {
    const own = agent ?? (await connectionOf(caller.certificate));
    const headers = { ...caller.headers } as Record<string, string | string[]>;
    const options = { host: '127.0.0.1', port, path, headers, agent: own, method: caller.method ?? 'GET' };
    return new Promise((resolve, reject) => {
      const outgoing = send(options, (response) => {
        text(response).then((said) => {
          const isJson = response.headers['content-type'] === 'application/json';
          const body = (isJson ? JSON.parse(said) : { text: said }) as Answer['body'];
          resolve({ status: response.statusCode ?? 0, body });
        }, reject);
      });
      outgoing.once('error', reject);
      outgoing.end();
    });
  }

  async function connectionOf(certificate?: Certificate): Promise<Agent> {
    const pair = certificate && {
      cert: await readFile(certificate.certFile),
      key: await readFile(certificate.keyFile),
    };
    const agent = new Agent({ ca: await readFile(serving.certFile), ...pair, keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return agent;
  }

  const asHpa = (certificate: Certificate = proxy): Caller => ({
    certificate,
    headers: {
      'X-Remote-User': HPA,
      'X-Remote-Group': ['system:serviceaccounts', 'system:authenticated'],
      'X-Remote-Extra-Scopes': ['metrics'],
    },
  });

  describe('for the HPA, through the API server', () => {
    it('has one value per pool, as the HPA adds them up', async () => {
      const port = await serve(
        boardWith(planView({ wantedReplicas: 17 }), planView({ pool: 'lab', wantedReplicas: 4 })),
      );
      assert.deepEqual(await ask(port, VALUE, asHpa()), {
        status: 200,
        body: {
          kind: 'ExternalMetricValueList',
          apiVersion: 'external.metrics.k8s.io/v1beta1',
          metadata: {},
          items: [
            {
              metricName: 'almanac-replicas',
              metricLabels: { pool: 'default' },
              timestamp: '2026-11-21T12:00:00Z',
              value: '17',
            },
            {
              metricName: 'almanac-replicas',
              metricLabels: { pool: 'lab' },
              timestamp: '2026-11-21T12:00:00Z',
              value: '4',
            },
          ],
        },
      });
    });

    it('has only the pools that the label selector selects', async () => {
      const port = await serve(boardWith(planView(), planView({ pool: 'lab', wantedReplicas: 4 })));
      const valuesOf = async (selector: string): Promise<unknown[]> => {
        const { body } = await ask(port, `${VALUE}?labelSelector=${encodeURIComponent(selector)}`, asHpa());
        return (body.items as { value: string }[]).map(({ value }) => value);
      };
      assert.deepEqual(await valuesOf('pool=lab'), ['4']);
      assert.deepEqual(await valuesOf('pool in (lab,default)'), ['3', '4']);
      assert.deepEqual(await valuesOf('pool=none'), []);
      assert.equal((await ask(port, `${VALUE}?labelSelector=pool%20%3E%203`, asHpa())).status, 400);
    });

    it('asks Kubernetes whether that user may get that metric, with all that the API server says of them', async () => {
      const port = await serve(boardWith(planView()));
      await ask(port, VALUE, asHpa());
      assert.deepEqual(kube.accessReviews, [
        {
          user: HPA,
          groups: ['system:serviceaccounts', 'system:authenticated'],
          extra: { scopes: ['metrics'] },
          resourceAttributes: {
            verb: 'get',
            group: 'external.metrics.k8s.io',
            version: 'v1beta1',
            resource: 'almanac-replicas',
            namespace: 'lab',
          },
        },
      ]);
    });

    it('keeps the answer of Kubernetes for a while, and no longer', async () => {
      const port = await serve(boardWith(planView()), { keepMs: 100 });
      for (let times = 0; times < 5; times += 1) assert.equal((await ask(port, VALUE, asHpa())).status, 200);
      assert.ok(kube.accessReviews.length < 5);
      kube.allowed.clear();
      await eventually(async () => (await ask(port, VALUE, asHpa())).status === 403);
    });

    it('has the formula and the ready replicas too, and no value for what is not known', async () => {
      const port = await serve(boardWith(planView({ requiredInstances: 2, readyReplicas: undefined })));
      for (const metric of ['almanac-required', 'almanac-ready', 'almanac-none'])
        kube.allowed.add(`${HPA} lab/${metric}`);
      const at = (metric: string): Promise<Answer> => ask(port, `${GROUP}/namespaces/lab/${metric}`, asHpa());
      assert.equal(((await at('almanac-required')).body.items as { value: string }[])[0]?.value, '2');
      assert.deepEqual((await at('almanac-ready')).body.items, []);
      assert.equal((await at('almanac-none')).status, 404);
    });

    it('is not available without a plan, instead of answering with nothing or zero', async () => {
      const port = await serve(new PlanBoard());
      const { status, body } = await ask(port, VALUE, asHpa());
      assert.equal(status, 503);
      assert.equal(body.reason, 'ServiceUnavailable');
    });
  });

  describe('is discovered', () => {
    const aggregator = (): Caller => ({
      certificate: proxy,
      headers: { 'X-Remote-User': 'system:kube-aggregator', 'X-Remote-Group': 'system:masters' },
    });

    it('by the API server, with its metrics', async () => {
      const port = await serve(boardWith(planView()));
      const { status, body } = await ask(port, GROUP, aggregator());
      assert.equal(status, 200);
      assert.equal(body.kind, 'APIResourceList');
      assert.equal(body.groupVersion, 'external.metrics.k8s.io/v1beta1');
      const resources = body.resources as { name: string; namespaced: boolean; kind: string; verbs: string[] }[];
      assert.deepEqual(
        resources.map(({ name }) => name),
        ['almanac-replicas', 'almanac-required', 'almanac-ready'],
      );
      for (const { namespaced, kind, verbs } of resources)
        assert.deepEqual([namespaced, kind, verbs], [true, 'ExternalMetricValueList', ['get']]);
    });

    it('as a group and among groups, with schemas that hold nothing', async () => {
      const port = await serve(new PlanBoard());
      const at = async (path: string): Promise<unknown> => (await ask(port, path, aggregator())).body;
      const version = { groupVersion: 'external.metrics.k8s.io/v1beta1', version: 'v1beta1' };
      const group = { name: 'external.metrics.k8s.io', versions: [version], preferredVersion: version };
      assert.deepEqual(await at('/apis'), { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] });
      assert.deepEqual(await at('/apis/external.metrics.k8s.io'), { kind: 'APIGroup', apiVersion: 'v1', ...group });
      assert.deepEqual(((await at('/openapi/v2')) as { paths: object }).paths, {});
      assert.deepEqual(((await at('/openapi/v3')) as { paths: object }).paths, {});
      assert.equal((await ask(port, '/apis/other', aggregator())).status, 404);
    });

    it('without asking Kubernetes about its masters, who may do everything even while it can not be asked', async () => {
      const port = await serve(boardWith(planView()));
      await ask(port, GROUP, aggregator());
      assert.equal(kube.accessReviews.length, 0);
    });

    it('by other users only where they are allowed to', async () => {
      const port = await serve(boardWith(planView()));
      assert.equal((await ask(port, GROUP, asHpa())).status, 403);
      kube.allowed.add(`${HPA} /apis`);
      assert.equal((await ask(port, '/apis', asHpa())).status, 200);
    });
  });

  it('answers probes without a certificate, and is ready when there is a plan', async () => {
    const plans = new PlanBoard();
    const port = await serve(plans);
    assert.deepEqual(await ask(port, '/healthz'), { status: 200, body: { text: 'ok' } });
    assert.equal((await ask(port, '/livez')).status, 200);
    assert.equal((await ask(port, '/readyz')).status, 503);
    plans.publish(planView());
    assert.equal((await ask(port, '/readyz')).status, 200);
  });

  describe('refuses', () => {
    async function refusal(port: number, caller: Caller): Promise<string> {
      const { status, body } = await ask(port, VALUE, caller);
      assert.equal(status, 401);
      assert.deepEqual([body.kind, body.reason, body.code, body.items], ['Status', 'Unauthorized', 401, undefined]);
      assert.equal(kube.accessReviews.length, 0);
      return String(body.message);
    }

    it('headers that name a user on a connection without a certificate', async () => {
      const { headers } = asHpa();
      const message = await refusal(await serve(boardWith(planView())), headers ? { headers } : {});
      assert.match(message, /neither a client certificate nor a token/);
    });

    it('a certificate of another authority, even of the right name', async () => {
      const stranger = await serving.issue({ commonName: 'front-proxy-client', usage: 'client' });
      assert.match(await refusal(await serve(boardWith(planView())), asHpa(stranger)), /certificate was refused/);
    });

    it('a name that is not allowed', async () => {
      const kubelet = await proxies.issue({ commonName: 'kubelet', usage: 'client' });
      assert.match(await refusal(await serve(boardWith(planView())), asHpa(kubelet)), /of kubelet, which is not among/);
    });

    it('a certificate whose time is over', async () => {
      const old = await proxies.issue({ commonName: 'front-proxy-client', usage: 'client', expired: true });
      assert.match(await refusal(await serve(boardWith(planView())), asHpa(old)), /refused: CERT_HAS_EXPIRED/);
    });

    it('a certificate whose time is over since its connection was made', async () => {
      let nowMs = Date.now();
      const port = await serve(boardWith(planView()), {}, () => nowMs);
      const agent = await connectionOf(proxy);
      assert.equal((await ask(port, VALUE, asHpa(), agent)).status, 200);
      nowMs += 2 * 24 * 3_600_000;
      const { status, body } = await ask(port, VALUE, asHpa(), agent);
      assert.equal(status, 401);
      assert.match(String(body.message), /it has expired/);
    });

    it('a certificate that is for servers', async () => {
      const server = await proxies.issue({ commonName: 'front-proxy-client', usage: 'server' });
      assert.match(await refusal(await serve(boardWith(planView())), asHpa(server)), /certificate was refused/);
    });

    it('an API server that names nobody', async () => {
      const port = await serve(boardWith(planView()));
      assert.match(await refusal(port, { certificate: proxy }), /names no user/);
    });

    it('every header, in a cluster that has no front proxy', async () => {
      for (const key of Object.keys(kube.authentication)) Reflect.deleteProperty(kube.authentication, key);
      assert.match(
        await refusal(await serve(boardWith(planView())), asHpa()),
        /front proxy of this cluster is not known/,
      );
    });

    it('a user whom Kubernetes does not allow it, and says who and what', async () => {
      kube.allowed.clear();
      const { status, body } = await ask(await serve(boardWith(planView())), VALUE, asHpa());
      assert.equal(status, 403);
      assert.equal(body.message, `${HPA} may not get ${VALUE}.`);
    });

    it('the same metric in a namespace where it is not allowed', async () => {
      const port = await serve(boardWith(planView()));
      assert.equal((await ask(port, `${GROUP}/namespaces/other/almanac-replicas`, asHpa())).status, 403);
    });

    it('to write', async () => {
      const port = await serve(boardWith(planView()));
      assert.equal((await ask(port, VALUE, { ...asHpa(), method: 'DELETE' })).status, 405);
    });
  });

  it('allows any name that the authority has signed, where the list of names is empty', async () => {
    kube.authentication['requestheader-allowed-names'] = '[]';
    const any = await proxies.issue({ commonName: 'kube-apiserver', usage: 'client' });
    assert.equal((await ask(await serve(boardWith(planView())), VALUE, asHpa(any))).status, 200);
  });

  describe('for those who come with a token', () => {
    const bearer = (token: string): Caller => ({ headers: { Authorization: `Bearer ${token}` } });

    beforeEach(() => {
      kube.people.set('token-of-anna', { username: 'anna', groups: ['lab'] });
    });

    it('asks Kubernetes whose it is, and whether they may', async () => {
      const port = await serve(boardWith(planView()));
      assert.equal((await ask(port, VALUE, bearer('token-of-anna'))).status, 403);
      kube.allowed.add('anna other/almanac-replicas');
      const path = `${GROUP}/namespaces/other/almanac-replicas`;
      assert.equal((await ask(port, path, bearer('token-of-anna'))).status, 200);
      assert.deepEqual(kube.accessReviews[0]?.groups, ['lab']);
      assert.equal(kube.requests.filter(({ route }) => route === 'token-review').length, 1, 'kept for a while');
    });

    it('believes none of their headers', async () => {
      kube.allowed.add('anna lab/almanac-replicas');
      const port = await serve(boardWith(planView()));
      const caller = {
        headers: { ...bearer('token-of-anna').headers, 'X-Remote-User': HPA, 'X-Remote-Group': 'system:masters' },
      };
      assert.equal((await ask(port, VALUE, caller)).status, 200);
      assert.deepEqual([kube.accessReviews[0]?.user, kube.accessReviews[0]?.groups], ['anna', ['lab']]);
    });

    it('refuses a token that is nobody’s', async () => {
      const { status, body } = await ask(await serve(boardWith(planView())), VALUE, bearer('stolen'));
      assert.deepEqual([status, body.message], [401, 'The token is not valid.']);
    });

    it('says that it can not know, while Kubernetes does not answer, and answers when it does', async () => {
      kube.allowed.add('anna lab/almanac-replicas');
      const port = await serve(boardWith(planView()));
      kube.forbidden.add('token-review');
      assert.equal((await ask(port, VALUE, bearer('token-of-anna'))).status, 503);
      kube.forbidden.clear();
      assert.equal((await ask(port, VALUE, bearer('token-of-anna'))).status, 200);
    });
  });

  describe('when the authority of the front proxy changes', () => {
    it('takes up the new one, and lets go of connections that the old one vouched for', async () => {
      const port = await serve(boardWith(planView()), { reloadMs: 20 });
      const agent = await connectionOf(proxy);
      assert.equal((await ask(port, VALUE, asHpa(), agent)).status, 200);
      const next = await createAuthority(directory, 'next front proxy');
      const nextProxy = await next.issue({ commonName: 'front-proxy-client', usage: 'client' });
      kube.authentication['requestheader-client-ca-file'] = await readFile(next.certFile, 'utf8');
      await eventually(async () => (await ask(port, VALUE, asHpa(nextProxy)).catch(() => undefined))?.status === 200);
      assert.equal((await ask(port, VALUE, asHpa(), agent)).status, 401);
    });

    it('keeps to what it knows while it can not be read', async () => {
      const port = await serve(boardWith(planView()), { reloadMs: 20 });
      kube.forbidden.add('get-config-map');
      const before = kube.requests.length;
      await eventually(() => kube.requests.length > before + 2);
      assert.equal((await ask(port, VALUE, asHpa())).status, 200);
    });

    it('starts without it, and takes it up as soon as it can be read', async () => {
      kube.forbidden.add('get-config-map');
      const port = await serve(boardWith(planView()), { reloadMs: 20 });
      assert.equal((await ask(port, VALUE, asHpa())).status, 401);
      kube.forbidden.clear();
      await eventually(async () => (await ask(port, VALUE, asHpa()).catch(() => undefined))?.status === 200);
    });
  });

  it('refuses to start with a certificate that can not be read', async () => {
    const tls = { ...serverCertificate, certFile: join(directory, 'missing.crt') };
    await assert.rejects(serve(boardWith(planView()), { tls }), ConfigurationError);
  });
});
