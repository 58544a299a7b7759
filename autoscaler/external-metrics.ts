import { SECOND_MS } from '../core/duration.ts';
import type { Selects } from './label-selector.ts';
import { answerNow, type PlanAnswer } from './plan-answer.ts';
import type { PlanReader } from './plan-view.ts';

// The documents of external.metrics.k8s.io/v1beta1, as the Kubernetes API server and the HPA read them.

export const METRICS_GROUP = 'external.metrics.k8s.io';
const VERSION = 'v1beta1';
export const METRICS_PATH = `/apis/${METRICS_GROUP}/${VERSION}`;

/** Metric names, and the number behind each; `undefined` when it is not known. */
const METRICS: Readonly<Record<string, (answer: PlanAnswer) => number | undefined>> = {
  'almanac-replicas': (answer) => answer.replicas,
  'almanac-required': (answer) => answer.required,
  'almanac-ready': (answer) => answer.ready,
};

export function isMetric(name: string): boolean {
  return Object.hasOwn(METRICS, name);
}

/** What a discovery path answers; `undefined` when it is none. */
export function discoveryDocument(path: string): object | undefined {
  const version = { groupVersion: `${METRICS_GROUP}/${VERSION}`, version: VERSION };
  const group = { name: METRICS_GROUP, versions: [version], preferredVersion: version };
  switch (path) {
    case '/apis':
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] };
    case `/apis/${METRICS_GROUP}`:
      return { kind: 'APIGroup', apiVersion: 'v1', ...group };
    case METRICS_PATH:
      return {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: version.groupVersion,
        resources: Object.keys(METRICS).map((name) => ({
          name,
          singularName: '',
          namespaced: true,
          kind: 'ExternalMetricValueList',
          verbs: ['get'],
        })),
      };
    // The schemas of nothing: the values are not objects that are kept anywhere.
    case '/openapi/v2':
      return { swagger: '2.0', info: { title: 'Almanac external metrics', version: VERSION }, paths: {} };
    case '/openapi/v3':
      return { paths: {} };
    default:
      return undefined;
  }
}

/** One value per pool that has a plan and is selected; the HPA adds them up, and finds nothing out from none. */
export function metricValueList(plans: PlanReader, metric: string, selects: Selects, staleMs: number): object {
  const items = plans.pools().flatMap((pool) => {
    const metricLabels = { pool };
    const answer = selects(metricLabels) ? answerNow(plans, pool, { staleMs }) : undefined;
    if (answer === undefined) return [];
    const value = METRICS[metric]?.(answer);
    if (value === undefined) return [];
    return [{ metricName: metric, metricLabels, timestamp: wholeSeconds(answer.plannedAtMs), value: String(value) }];
  });
  return { kind: 'ExternalMetricValueList', apiVersion: `${METRICS_GROUP}/${VERSION}`, metadata: {}, items };
}

/** The Status object with which Kubernetes refuses. */
export function statusObject(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

function wholeSeconds(instantMs: number): string {
  return new Date(Math.floor(instantMs / SECOND_MS) * SECOND_MS).toISOString().replace('.000Z', 'Z');
}
