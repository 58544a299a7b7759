import { join } from 'node:path';

import { KubeConfig } from '@kubernetes/client-node';

/** How to reach the API server. `directory` holds `ca.crt` and `token`; both are read again as they are replaced there. */
export type KubernetesConnection =
  | { readonly kind: 'service-account'; readonly server: string; readonly directory: string }
  /** Without a `file`: KUBECONFIG, else ~/.kube/config. */
  | { readonly kind: 'kubeconfig'; readonly file?: string };

/** Inside a cluster its own service account, elsewhere the kubeconfig; an explicit KUBECONFIG wins over both. */
export function kubernetesConnection(env: Readonly<Record<string, string | undefined>>): KubernetesConnection {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  if (host === '' || (env.KUBECONFIG ?? '') !== '') return { kind: 'kubeconfig' };
  const port = env.KUBERNETES_SERVICE_PORT ?? '443';
  return {
    kind: 'service-account',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    directory: '/var/run/secrets/kubernetes.io/serviceaccount',
  };
}

/** @throws Error when there are no credentials, or they can not be read. */
export function loadKubeConfig(connection: KubernetesConnection): KubeConfig {
  const config = new KubeConfig();
  if (connection.kind === 'service-account') {
    const { server, directory } = connection;
    config.loadFromClusterAndUser(
      { name: 'here', server, caFile: join(directory, 'ca.crt'), skipTLSVerify: false },
      { name: 'service-account', authProvider: { name: 'tokenFile', config: { tokenFile: join(directory, 'token') } } },
    );
    return config;
  }
  if (connection.file !== undefined) config.loadFromFile(connection.file);
  else config.loadFromDefault();
  // What the client falls back to when it has found nothing at all; asking that address would only hide the cause.
  if (config.getCurrentCluster()?.server === 'http://localhost:8080') {
    throw new Error('there is no service account, no KUBECONFIG and no ~/.kube/config');
  }
  return config;
}
