import assert from 'node:assert/strict';

import type {
  V1APIService,
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1Container,
  V1Deployment,
  V1NetworkPolicy,
  V1Role,
  V1RoleBinding,
  V1Service,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';

import { discoveryDocument } from '../../autoscaler/external-metrics.ts';
import { readEnvironment } from '../../bin/config.ts';
import { findHelm, type Helm, type KubeObject, parseObjects } from '../support/helm.ts';

describe('the Helm chart, where others scale the processors', () => {
  let helm: Helm;

  before(async function () {
    const found = await findHelm();
    if (found === undefined) {
      process.stdout.write('The chart is not tested: there is no helm in PATH, nor where Go installs programs.\n');
      this.skip();
    }
    helm = found;
  });

  const render = async (ciFile: string, ...sets: string[]) => parseObjects(await helm.template(ciFile, ...sets));

  function ofKind<T>(objects: readonly KubeObject[], kind: string): T[] {
    return objects.filter((object) => object.kind === kind) as T[];
  }

  function named<T extends { metadata?: { name?: string } }>(objects: readonly T[], name: string): T {
    const found = objects.find(({ metadata }) => metadata?.name === name);
    assert.ok(found, `there is no ${name}`);
    return found;
  }

  const NAME = 'rel-almanac-autoscaler';
  const deploymentOf = (objects: readonly KubeObject[]): V1Deployment =>
    named(ofKind<V1Deployment>(objects, 'Deployment'), NAME);

  function containerOf(objects: readonly KubeObject[]): V1Container {
    const container = deploymentOf(objects).spec?.template.spec?.containers[0];
    assert.ok(container);
    return container;
  }

  /** The variables of the autoscaler that are not secrets, as the product reads them. */
  function environmentOf(objects: readonly KubeObject[]): ReturnType<typeof readEnvironment> {
    const plain = (containerOf(objects).env ?? []).filter(({ value }) => value !== undefined);
    return readEnvironment(Object.fromEntries(plain.map(({ name, value }) => [name, value])));
  }

  function portsOf(objects: readonly KubeObject[]): Record<string, number | undefined> {
    const ports = named(ofKind<V1Service>(objects, 'Service'), NAME).spec?.ports ?? [];
    const container = containerOf(objects).ports ?? [];
    return Object.fromEntries(
      ports.map(({ name = '', targetPort }) => [
        name,
        container.find((port) => port.name === targetPort)?.containerPort,
      ]),
    );
  }

  it('opens nothing by default', async () => {
    const objects = await render('minimal.yaml');
    const env = environmentOf(objects);
    assert.deepEqual([env.ALMANAC_KEDA_PORT, env.ALMANAC_EXTERNAL_METRICS_PORT], [undefined, undefined]);
    assert.equal(ofKind<V1Service>(objects, 'Service').length, 1);
    for (const kind of ['APIService', 'ClusterRole', 'ClusterRoleBinding']) assert.deepEqual(ofKind(objects, kind), []);
    assert.deepEqual(
      containerOf(objects).ports?.map(({ name }) => name),
      ['http'],
    );
  });

  describe('for KEDA', () => {
    it('serves the plan over gRPC with the certificates of a Secret, and as JSON', async () => {
      const objects = await render('keda.yaml');
      const env = environmentOf(objects);
      assert.equal(env.ALMANAC_KEDA_PORT, 9091);
      assert.deepEqual(portsOf(objects), { http: 9090, grpc: 9091 });
      const mount = containerOf(objects).volumeMounts?.find(({ name }) => name === 'keda-tls');
      const files = [
        env.ALMANAC_KEDA_TLS_CERT_FILE,
        env.ALMANAC_KEDA_TLS_KEY_FILE,
        env.ALMANAC_KEDA_TLS_CLIENT_CA_FILE,
      ];
      assert.deepEqual(
        files,
        ['tls.crt', 'tls.key', 'ca.crt'].map((file) => `${mount?.mountPath ?? ''}/${file}`),
      );
      const volume = deploymentOf(objects).spec?.template.spec?.volumes?.find(({ name }) => name === 'keda-tls');
      assert.equal(volume?.secret?.secretName, 'almanac-keda-tls');
    });

    it('speaks plain text without a Secret, and asks nobody for a certificate', async () => {
      const objects = await render(
        'keda.yaml',
        'autoscaler.keda.tlsSecret=',
        'autoscaler.keda.clientCertificates=false',
      );
      assert.equal(environmentOf(objects).ALMANAC_KEDA_TLS_CERT_FILE, undefined);
      assert.equal(deploymentOf(objects).spec?.template.spec?.volumes?.length, 1);
    });

    it('serves the plan from memory, so also while no pod is ready', async () => {
      const service = named(ofKind<V1Service>(await render('keda.yaml'), 'Service'), NAME);
      assert.equal(service.spec?.publishNotReadyAddresses, true);
    });

    it('shows a ScaledObject that finds the Service, its port, the pool and the Deployment', async () => {
      const objects = await render('keda.yaml');
      const [scaled] = ofKind<{ spec: ScaledObjectSpec }>(objects, 'ScaledObject');
      assert.ok(scaled);
      const [trigger] = scaled.spec.triggers;
      assert.equal(trigger?.metadata.scalerAddress, `${NAME}.lab.svc:${String(portsOf(objects).grpc)}`);
      assert.equal(trigger.metadata.pool, environmentOf(objects).ALMANAC_POOL);
      named(ofKind<V1Deployment>(objects, 'Deployment'), scaled.spec.scaleTargetRef.name);
    });

    it('lets in those whom the network policy names, on the ports that are on', async () => {
      const policies = ofKind<V1NetworkPolicy>(await render('keda.yaml'), 'NetworkPolicy');
      const [rule] = named(policies, NAME).spec?.ingress ?? [];
      assert.ok(rule);
      assert.deepEqual(rule.ports, [{ port: 'http' }, { port: 'grpc' }]);
      assert.equal((rule as { from?: unknown[] }).from?.length, 1);
    });
  });

  describe('for HPAs through the external metrics API', () => {
    it('serves HTTPS with the certificate of a Secret', async () => {
      const objects = await render('external-metrics.yaml');
      const env = environmentOf(objects);
      assert.deepEqual(portsOf(objects), { http: 9090, https: env.ALMANAC_EXTERNAL_METRICS_PORT });
      assert.equal(env.ALMANAC_EXTERNAL_METRICS_TLS_KEY_FILE, '/etc/almanac/external-metrics/tls.key');
    });

    it('registers it where it is told to, at the port of the Service', async () => {
      const objects = await render('external-metrics.yaml');
      const [api] = ofKind<V1APIService>(objects, 'APIService');
      assert.equal(api?.metadata?.name, 'v1beta1.external.metrics.k8s.io');
      assert.deepEqual(api.spec?.service, { name: NAME, namespace: 'lab', port: 443 });
      assert.equal(named(ofKind<V1Service>(objects, 'Service'), NAME).spec?.ports?.at(-1)?.port, 443);
      const without = await render('external-metrics.yaml', 'autoscaler.externalMetrics.apiService.create=false');
      assert.deepEqual(ofKind(without, 'APIService'), []);
    });

    it('may ask who somebody is and what they may do, and read who the API server is, and no more', async () => {
      const objects = await render('external-metrics.yaml');
      const account = [{ kind: 'ServiceAccount', name: NAME, namespace: 'lab' }];
      const delegator = named(
        ofKind<V1ClusterRoleBinding>(objects, 'ClusterRoleBinding'),
        'lab-rel-almanac-auth-delegator',
      );
      assert.deepEqual([delegator.roleRef.name, delegator.subjects], ['system:auth-delegator', account]);
      const reader = named(ofKind<V1RoleBinding>(objects, 'RoleBinding'), 'lab-rel-almanac-auth-reader');
      assert.equal(reader.metadata?.namespace, 'kube-system');
      assert.deepEqual([reader.roleRef.name, reader.subjects], ['extension-apiserver-authentication-reader', account]);
      assert.deepEqual(ofKind(objects, 'Role'), []);
    });

    it('lets HPAs read exactly the metrics that there are', async () => {
      const objects = await render('external-metrics.yaml');
      const role = named(ofKind<V1ClusterRole>(objects, 'ClusterRole'), 'lab-rel-almanac-external-metrics-reader');
      const served = discoveryDocument('/apis/external.metrics.k8s.io/v1beta1') as { resources: { name: string }[] };
      assert.deepEqual(
        role.rules?.[0]?.resources,
        served.resources.map(({ name }) => name),
      );
      const binding = named(ofKind<V1ClusterRoleBinding>(objects, 'ClusterRoleBinding'), role.metadata?.name ?? '');
      assert.deepEqual(binding.subjects, [
        { kind: 'ServiceAccount', name: 'horizontal-pod-autoscaler', namespace: 'kube-system' },
      ]);
    });

    it('shows an HPA that reads a metric that there is, for the pool', async () => {
      const objects = await render('external-metrics.yaml');
      const [hpa] = ofKind<V2HorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler');
      const metric = hpa?.spec?.metrics?.[0]?.external;
      assert.equal(metric?.metric.name, 'almanac-replicas');
      assert.deepEqual(metric.metric.selector?.matchLabels, { pool: environmentOf(objects).ALMANAC_POOL });
      assert.deepEqual(metric.target, { type: 'AverageValue', averageValue: '1' });
    });

    it('leaves rights to others when it is told to', async () => {
      const objects = await render('external-metrics.yaml', 'autoscaler.rbac.create=false');
      for (const kind of ['ClusterRole', 'ClusterRoleBinding', 'RoleBinding'])
        assert.deepEqual(ofKind(objects, kind), []);
    });
  });

  describe('as the floor of an HPA', () => {
    it('may change that HPA, and look at the Deployment', async () => {
      const objects = await render('hpa-floor.yaml');
      assert.deepEqual(ofKind<V1Role>(objects, 'Role')[0]?.rules, [
        {
          apiGroups: ['autoscaling'],
          resources: ['horizontalpodautoscalers'],
          resourceNames: ['processors'],
          verbs: ['get', 'patch'],
        },
        { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['rel-almanac-processor'], verbs: ['get'] },
      ]);
      const env = environmentOf(objects);
      assert.deepEqual([env.ALMANAC_SCALE_TARGET, env.ALMANAC_KUBE_HPA], ['hpa-floor', 'processors']);
      assert.equal(ofKind(objects, 'RoleBinding').length, 1);
    });

    it('takes the HPA that is named like the Deployment, when none is named', async () => {
      const objects = await render('hpa-floor.yaml', 'autoscaler.hpa=');
      assert.equal(environmentOf(objects).ALMANAC_KUBE_HPA, 'rel-almanac-processor');
    });

    it('leaves the number of processors to the HPA', async () => {
      const deployments = ofKind<V1Deployment>(await render('hpa-floor.yaml'), 'Deployment');
      assert.equal(named(deployments, 'rel-almanac-processor').spec?.replicas, undefined);
    });
  });

  it('touches no pods when idle ones need not go first', async () => {
    const objects = await render('minimal.yaml', 'autoscaler.podDeletionCost=false');
    const rules = ofKind<V1Role>(objects, 'Role')[0]?.rules ?? [];
    assert.equal(
      rules.some(({ resources }) => resources?.includes('pods')),
      false,
    );
    assert.equal(environmentOf(objects).ALMANAC_KUBE_DELETION_COST, false);
    assert.equal(environmentOf(await render('minimal.yaml')).ALMANAC_KUBE_DELETION_COST, true);
  });

  describe('refuses, and says why', () => {
    const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
      ['external-metrics.yaml', ['autoscaler.externalMetrics.tlsSecret='], /externalMetrics needs a certificate/],
      [
        'external-metrics.yaml',
        ['autoscaler.externalMetrics.apiService.annotations=null'],
        /would not trust the external metrics API/,
      ],
      [
        'external-metrics.yaml',
        [
          'autoscaler.externalMetrics.apiService.caBundle=eA==',
          'autoscaler.externalMetrics.apiService.insecureSkipTLSVerify=true',
        ],
        /either apiService\.caBundle or apiService\.insecureSkipTLSVerify/,
      ],
      ['keda.yaml', ['autoscaler.keda.tlsSecret='], /no client certificates without TLS/],
      ['hpa-floor.yaml', ['processor.replicas=3'], /the autoscaler would change it/],
      ['keda.yaml', ['autoscaler.keda.port=0'], /\/autoscaler\/keda\/port/],
      ['keda.yaml', ['autoscaler.target=keda'], /\/autoscaler\/target/],
    ];
    for (const [ciFile, sets, reason] of refusals) {
      it(`${ciFile} with ${sets.join(' ')}`, async () => {
        await assert.rejects(helm.template(ciFile, ...sets), reason);
      });
    }
  });
});

interface ScaledObjectSpec {
  readonly scaleTargetRef: { readonly name: string };
  readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[];
}
