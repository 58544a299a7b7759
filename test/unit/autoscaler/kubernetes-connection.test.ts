import assert from 'node:assert/strict';

import { kubernetesConnection } from '../../../autoscaler/kubernetes-connection.ts';

const directory = '/var/run/secrets/kubernetes.io/serviceaccount';

describe('kubernetesConnection', () => {
  it('is the service account inside a cluster', () => {
    assert.deepEqual(kubernetesConnection({ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' }), {
      kind: 'service-account',
      server: 'https://10.96.0.1:6443',
      directory,
    });
  });

  it('puts an IPv6 address into brackets', () => {
    assert.deepEqual(kubernetesConnection({ KUBERNETES_SERVICE_HOST: 'fd00::1' }), {
      kind: 'service-account',
      server: 'https://[fd00::1]:443',
      directory,
    });
  });

  it('is the kubeconfig outside of a cluster, and wherever KUBECONFIG asks for it', () => {
    assert.deepEqual(kubernetesConnection({}), { kind: 'kubeconfig' });
    assert.deepEqual(kubernetesConnection({ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBECONFIG: '/etc/kube' }), {
      kind: 'kubeconfig',
    });
  });
});
