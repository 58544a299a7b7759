import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type {
  V1Container,
  V1Deployment,
  V1Job,
  V1PodDisruptionBudget,
  V1PodSpec,
  V1Role,
  V1RoleBinding,
  V1Secret,
} from '@kubernetes/client-node';

import {
  CHART,
  findHelm,
  findKubeconform,
  type Helm,
  type Kubeconform,
  type KubeObject,
  parseObjects,
} from '../support/helm.ts';

const CI_FILES = (await readdir(join(CHART, 'ci'))).sort();
const SERVICES = ['api', 'autoscaler', 'distributor', 'processor', 'scheduler'];

describe('the Helm chart', () => {
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

  describe('with kubeconform', () => {
    let directory: string;
    let kubeconform: Kubeconform;

    before(async function () {
      directory = await mkdtemp(join(tmpdir(), 'almanac-schemas-'));
      const found = await findKubeconform(directory);
      if (found === undefined) {
        process.stdout.write(
          'The chart is not held against the schemas of Kubernetes: there is no kubeconform, or no Go module k8s.io/kubernetes to take them from.\n',
        );
        this.skip();
      }
      kubeconform = found;
    });

    after(async () => {
      await rm(directory, { recursive: true });
    });

    for (const ciFile of CI_FILES) {
      it(`gives objects that Kubernetes understands, for ${ciFile}`, async () => {
        assert.equal(await kubeconform(await helm.template(ciFile)), '');
      });
    }

    it('would be told of a misspelt field', async () => {
      const rendered = await helm.template('minimal.yaml');
      assert.match(await kubeconform(rendered.replaceAll('runAsNonRoot', 'runAsNonroot')), /runAsNonroot/);
    });
  });

  for (const ciFile of CI_FILES) {
    describe(`for ${ciFile}`, () => {
      let objects: readonly KubeObject[];

      before(async () => {
        objects = await render(ciFile);
      });

      it('passes the linter', async () => {
        await helm.lint(ciFile);
      });

      it('has each object once', () => {
        const names = objects.map((object) => `${object.kind}/${object.metadata.name}`);
        assert.deepEqual(names, [...new Set(names)]);
      });

      it('runs every pod under the restricted pod security standard', () => {
        for (const { name, spec } of podsOf(objects)) {
          assert.equal(spec.securityContext?.runAsNonRoot, true, name);
          assert.equal(spec.securityContext.seccompProfile?.type, 'RuntimeDefault', name);
          for (const { securityContext } of spec.containers) {
            assert.equal(securityContext?.allowPrivilegeEscalation, false, name);
            assert.equal(securityContext.readOnlyRootFilesystem, true, name);
            assert.deepEqual(securityContext.capabilities, { drop: ['ALL'] }, name);
          }
          assert.ok(
            spec.volumes?.some((volume) => volume.name === 'tmp' && volume.emptyDir !== undefined),
            name,
          );
        }
      });

      it('gives a token to no pod but an autoscaler that may do something with it', () => {
        const withToken = podsOf(objects).filter(({ spec }) => spec.automountServiceAccountToken !== false);
        const hasRights = ['Role', 'ClusterRoleBinding'].some((kind) => namesOf(objects, kind).length > 0);
        assert.deepEqual(
          withToken.map(({ service }) => service),
          hasRights ? ['autoscaler'] : [],
        );
      });

      it('names only service accounts that it makes, or the default one', () => {
        const accounts = [...namesOf(objects, 'ServiceAccount'), 'default'];
        for (const { name, spec } of podsOf(objects)) assert.ok(accounts.includes(spec.serviceAccountName ?? ''), name);
      });

      it('gives the services more time to end than they take', () => {
        for (const { service, name, spec } of podsOf(objects)) {
          if (service === 'migrate') continue;
          const graceMs = Number(valueOf(containerOf(spec), 'ALMANAC_SHUTDOWN_GRACE_MS'));
          assert.ok((spec.terminationGracePeriodSeconds ?? 0) * 1_000 > graceMs, name);
        }
      });

      it('probes each service where it serves', () => {
        for (const { service, name, spec } of podsOf(objects)) {
          if (service === 'migrate') continue;
          const container = containerOf(spec);
          const variable = service === 'api' ? 'ALMANAC_PORT' : 'ALMANAC_HEALTH_PORT';
          const [port] = container.ports ?? [];
          assert.equal(port?.name, 'http', name);
          assert.equal(String(port.containerPort), valueOf(container, variable), name);
          assert.deepEqual(container.livenessProbe?.httpGet, { path: '/livez', port: 'http' }, name);
          assert.deepEqual(container.readinessProbe?.httpGet, { path: '/readyz', port: 'http' }, name);
          assert.equal(valueOf(container, 'ALMANAC_HOST'), '0.0.0.0', name);
        }
      });

      it('lets each Deployment select its own pods and no others', () => {
        const deployments = ofKind<V1Deployment>(objects, 'Deployment');
        for (const one of deployments) {
          const wanted = Object.entries(one.spec?.selector.matchLabels ?? {});
          const selected = deployments.filter((other) =>
            wanted.every(([key, value]) => other.spec?.template.metadata?.labels?.[key] === value),
          );
          assert.deepEqual(selected, [one]);
        }
      });

      it('keeps the URLs in Secrets', () => {
        const elsewhere = objects.filter((object) => object.kind !== 'Secret');
        assert.doesNotMatch(JSON.stringify(elsewhere), /:secret@/);
      });

      it('takes each connection from a Secret that is there when it is needed', () => {
        const secrets = ofKind<V1Secret>(objects, 'Secret');
        for (const { name, hook, spec } of podsOf(objects)) {
          for (const { valueFrom } of containerOf(spec).env ?? []) {
            const reference = valueFrom?.secretKeyRef;
            if (reference === undefined || reference.name?.startsWith('almanac-')) continue; // exists outside of the release
            const secret = secrets.find((candidate) => candidate.metadata?.name === reference.name);
            assert.ok(secret?.stringData?.[reference.key], `${name} needs ${String(reference.name)}`);
            assert.equal(secret.metadata?.annotations?.['helm.sh/hook'] !== undefined, hook, `${name}: same phase`);
          }
        }
      });

      it('protects a service with more than one replica from losing them together', () => {
        const budgets = ofKind<V1PodDisruptionBudget>(objects, 'PodDisruptionBudget').map(serviceOf).sort();
        const several = ofKind<V1Deployment>(objects, 'Deployment')
          .filter((deployment) => (deployment.spec?.replicas ?? 2) > 1)
          .map(serviceOf);
        assert.deepEqual(budgets, several.sort());
      });
    });
  }

  it('has a Deployment for each service', async () => {
    const deployments = ofKind<V1Deployment>(await render('production.yaml'), 'Deployment');
    assert.deepEqual(deployments.map(serviceOf).sort(), SERVICES);
    for (const deployment of deployments) {
      const container = containerOf(deployment.spec?.template.spec);
      assert.deepEqual(container.args, [serviceOf(deployment)]);
    }
  });

  for (const sets of [[], ['fullnameOverride=lab'], ['nameOverride=scheduler']]) {
    it(`allows the autoscaler the one Deployment that it is told to scale (${sets.join() || 'default names'})`, async () => {
      const objects = await render('minimal.yaml', ...sets);
      const processor = ofKind<V1Deployment>(objects, 'Deployment').find((one) => serviceOf(one) === 'processor');
      const autoscaler = podsOf(objects).find(({ service }) => service === 'autoscaler');
      const name = processor?.metadata?.name ?? '';
      assert.equal(valueOf(containerOf(autoscaler?.spec), 'ALMANAC_KUBE_DEPLOYMENT'), name);
      assert.equal(valueOf(containerOf(autoscaler?.spec), 'ALMANAC_KUBE_NAMESPACE'), 'lab');
      const [role] = ofKind<V1Role>(objects, 'Role');
      assert.deepEqual(role?.rules, [
        { apiGroups: ['apps'], resources: ['deployments/scale'], resourceNames: [name], verbs: ['get', 'patch'] },
        { apiGroups: ['apps'], resources: ['deployments'], resourceNames: [name], verbs: ['get'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['list', 'patch'] },
      ]);
      const [binding] = ofKind<V1RoleBinding>(objects, 'RoleBinding');
      assert.equal(binding?.roleRef.name, role.metadata?.name);
      assert.deepEqual(binding?.subjects, [
        { kind: 'ServiceAccount', name: autoscaler?.spec.serviceAccountName, namespace: 'lab' },
      ]);
    });
  }

  describe('the number of processors', () => {
    async function replicas(ciFile: string, ...sets: string[]): Promise<number | undefined> {
      const deployments = ofKind<V1Deployment>(await render(ciFile, ...sets), 'Deployment');
      return deployments.find((deployment) => serviceOf(deployment) === 'processor')?.spec?.replicas;
    }

    it('is not in the Deployment while the autoscaler sets it, so that an upgrade does not set it back', async () => {
      assert.equal(await replicas('minimal.yaml'), undefined);
    });

    it('may start from a given number', async () => {
      assert.equal(await replicas('minimal.yaml', 'processor.initialReplicas=4'), 4);
      assert.equal(await replicas('minimal.yaml', 'processor.initialReplicas=0'), 0);
    });

    it('is the given one while Almanac only observes', async () => {
      assert.equal(await replicas('observe.yaml'), 3);
      assert.equal(await replicas('observe.yaml', 'processor.replicas=0'), 0);
    });
  });

  describe('the migration', () => {
    const job = async (ciFile: string, ...sets: string[]): Promise<V1Job | undefined> =>
      ofKind<V1Job>(await render(ciFile, ...sets), 'Job')[0];

    it('runs before the services, as a hook', async () => {
      const found = await job('minimal.yaml');
      assert.equal(found?.metadata?.annotations?.['helm.sh/hook'], 'pre-install,pre-upgrade');
      assert.deepEqual(containerOf(found.spec?.template.spec).args, ['migrate']);
    });

    it('is an ordinary Job where hooks are not wanted, a new one for each image', async () => {
      const [one, other] = [await job('gitops.yaml'), await job('gitops.yaml', 'image.tag=9.9.9')];
      assert.equal(one?.metadata?.annotations, undefined);
      assert.match(one?.metadata?.name ?? '', /^lab-scheduler-migrate-1-[0-9a-f]{8}$/);
      assert.notEqual(one?.metadata?.name, other?.metadata?.name);
    });

    it('can be left to others', async () => {
      assert.equal(await job('minimal.yaml', 'migrate.enabled=false'), undefined);
    });
  });

  describe('refuses, and says why', () => {
    const refusals: readonly (readonly [string | undefined, readonly string[], RegExp])[] = [
      [undefined, [], /needs a PostgreSQL database: set database\.existingSecret/],
      [undefined, ['database.existingSecret=x'], /needs a RabbitMQ broker: set amqp\.existingSecret/],
      ['minimal.yaml', ['database.existingSecret=x'], /either database\.url or database\.existingSecret, not both/],
      ['minimal.yaml', ['amqp.existingSecret=x'], /either amqp\.url or amqp\.existingSecret, not both/],
      ['minimal.yaml', ['processor.replicas=3'], /the autoscaler would change it: leave processor\.replicas empty/],
      ['minimal.yaml', ['autoscaler.minReplicas=9'], /minReplicas \(9\) is above autoscaler\.maxReplicas \(3\)/],
      ['minimal.yaml', ['api.ingress.enabled=true'], /needs at least one entry in api\.ingress\.hosts/],
      ['minimal.yaml', ['amqp.url=http://rabbitmq'], /\/amqp\/url/],
      ['minimal.yaml', ['procesor.slots=3'], /'procesor' not allowed/],
      ['minimal.yaml', ['processor.slots=0'], /\/processor\/slots/],
    ];
    for (const [ciFile, sets, reason] of refusals) {
      it(`${ciFile ?? 'no values'} with ${sets.join(' ') || 'nothing set'}`, async () => {
        await assert.rejects(helm.template(ciFile, ...sets), reason);
      });
    }
  });
});

interface Pod {
  readonly service: string;
  readonly name: string;
  /** Whether it runs in a Helm hook, before the release's own objects. */
  readonly hook: boolean;
  readonly spec: V1PodSpec;
}

function podsOf(objects: readonly KubeObject[]): Pod[] {
  return [...ofKind<V1Deployment>(objects, 'Deployment'), ...ofKind<V1Job>(objects, 'Job')].map((object) => {
    const spec = object.spec?.template.spec;
    assert.ok(spec);
    const hook = object.metadata?.annotations?.['helm.sh/hook'] !== undefined;
    return { service: serviceOf(object), name: object.metadata?.name ?? '', hook, spec };
  });
}

function ofKind<T>(objects: readonly KubeObject[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

function namesOf(objects: readonly KubeObject[], kind: string): string[] {
  return objects.filter((object) => object.kind === kind).map((object) => object.metadata.name);
}

function serviceOf(object: { metadata?: { labels?: Readonly<Record<string, string>> } }): string {
  return object.metadata?.labels?.['app.kubernetes.io/component'] ?? '';
}

function containerOf(spec: V1PodSpec | undefined): V1Container {
  const container = spec?.containers[0];
  assert.ok(container);
  return container;
}

function valueOf(container: V1Container, variable: string): string | undefined {
  return container.env?.find((entry) => entry.name === variable)?.value;
}
