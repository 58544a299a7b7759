import type { PlanReader } from '../autoscaler/plan-view.ts';
import type { TlsFiles } from '../autoscaler/tls-files.ts';
import type { Disposables } from '../runtime/disposables.ts';
import { ConfigurationError } from '../runtime/env.ts';
import type { Environment } from './config.ts';
import type { Context } from './context.ts';

/**
 * The servers through which others scale the processors, as far as they have a port; those that have none are not even loaded.
 * @throws ConfigurationError when a certificate is missing or can not be used.
 */
export async function openPlanServers(
  { env, log }: Pick<Context, 'env' | 'log'>,
  plans: PlanReader,
  opened: Disposables,
): Promise<void> {
  const tls = tlsOf(env);
  const common = { host: env.ALMANAC_HOST, staleMs: env.ALMANAC_PLAN_STALE_MS };
  if (env.ALMANAC_KEDA_PORT !== undefined) {
    const config = { ...common, port: env.ALMANAC_KEDA_PORT, pool: env.ALMANAC_POOL, tls: tls.keda };
    const { openKedaServer } = await import('../autoscaler/keda-server.ts');
    const { port } = opened.use(await openKedaServer({ plans, log }, config));
    log.info({ port, tls: tls.keda !== undefined }, 'KEDA may ask for the plan');
  }
  if (env.ALMANAC_EXTERNAL_METRICS_PORT !== undefined && tls.externalMetrics !== undefined) {
    const { openExternalMetricsServer } = await import('../autoscaler/external-metrics-server.ts');
    const { kubernetesConnection } = await import('../autoscaler/kubernetes-connection.ts');
    const connection = kubernetesConnection(process.env);
    const config = { ...common, port: env.ALMANAC_EXTERNAL_METRICS_PORT, tls: tls.externalMetrics, connection };
    const { port } = opened.use(await openExternalMetricsServer({ plans, log, now: Date.now }, config));
    log.info({ port }, 'the external metrics API is served');
  }
}

function tlsOf(env: Environment): { keda: TlsFiles | undefined; externalMetrics: TlsFiles | undefined } {
  const problems: string[] = [];
  const pair = (prefix: 'ALMANAC_KEDA' | 'ALMANAC_EXTERNAL_METRICS', isNeeded: boolean): TlsFiles | undefined => {
    const certFile = env[`${prefix}_TLS_CERT_FILE`];
    const keyFile = env[`${prefix}_TLS_KEY_FILE`];
    if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
    if (isNeeded || certFile !== undefined || keyFile !== undefined)
      problems.push(`${prefix}_TLS_CERT_FILE, ${prefix}_TLS_KEY_FILE: both are needed`);
    return undefined;
  };
  const clientCaFile = env.ALMANAC_KEDA_TLS_CLIENT_CA_FILE;
  const keda = pair('ALMANAC_KEDA', clientCaFile !== undefined);
  const externalMetrics = pair('ALMANAC_EXTERNAL_METRICS', env.ALMANAC_EXTERNAL_METRICS_PORT !== undefined);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { keda: keda && { ...keda, clientCaFile }, externalMetrics };
}
