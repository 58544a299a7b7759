import { createQueueScaler, HPA_DEFAULTS } from '../core/queue-scaler.ts';
import type { FleetView, Policy } from './autoscaling-fleet.ts';
import type { Workload } from './autoscaling-workloads.ts';

export const SLOT_WORK_MS = 9_000;

/** A policy that follows a curve of replicas by second, asked for ahead of time and held for a minute after. */
export function followCurve(name: string, curve: readonly number[], leadS: number, holdS = 60): Policy {
  return { name, decide: (nowS) => Math.max(0, ...curve.slice(Math.max(0, nowS - holdS), nowS + leadS + 1)) };
}

/** The formula at each scheduled time by itself. */
export function formulaPerTime({ rows, types, seconds }: Workload): number[] {
  const work = new Float64Array(seconds);
  for (const { second, type, count } of rows) work[second] = (work[second] ?? 0) + count * (types[type]?.meanMs ?? 0);
  return Array.from(work, (workMs) => Math.ceil(workMs / SLOT_WORK_MS));
}

/** The formula on fixed windows of ten seconds. */
export function formulaPerBucket(workload: Workload): number[] {
  const { rows, types, seconds } = workload;
  const work = new Float64Array(Math.ceil(seconds / 10));
  for (const { second, type, count } of rows) {
    const bucket = Math.floor(second / 10);
    work[bucket] = (work[bucket] ?? 0) + count * (types[type]?.meanMs ?? 0);
  }
  return Array.from({ length: seconds }, (_, second) => Math.ceil((work[Math.floor(second / 10)] ?? 0) / SLOT_WORK_MS));
}

/** A horizontal pod autoscaler with its defaults, that begins with one replica. */
function behaveAsHpa(metric: (fleet: FleetView, nowS: number) => number, target: number): Policy['decide'] {
  const settings = { ...HPA_DEFAULTS, messagesPerReplica: target, minReplicas: 1, maxReplicas: Infinity };
  const scale = createQueueScaler(settings, 1);
  return (nowS, fleet) => scale(nowS * 1_000, metric(fleet, nowS));
}

const inQueueAndRunning = (fleet: FleetView): number => fleet.queueTail - fleet.queueHead + fleet.runningCount;

/** KEDA's RabbitMQ trigger: messages that are ready or not acknowledged, so many per replica. */
export function kedaQueue(value: number): Policy {
  return { name: `KEDA RabbitMQ, value ${value}`, decide: behaveAsHpa(inQueueAndRunning, value) };
}

/** An HPA on queue and running, whose target is tuned so that a replica works its share off within the window. */
export function tunedHpa({ rows, types }: Workload): Policy {
  let [work, count] = [0, 0];
  for (const row of rows) {
    work += row.count * (types[row.type]?.meanMs ?? 0);
    count += row.count;
  }
  const target = Math.max(1, Math.floor(SLOT_WORK_MS / (work / count)));
  return { name: 'HPA on queue + running, tuned', decide: behaveAsHpa(inQueueAndRunning, target) };
}

/** KEDA's cron trigger around each full hour, sized for what then comes, with its queue trigger beside it. */
export function kedaCron(workload: Workload): Policy {
  const curve = formulaPerBucket(workload);
  const isWindow = (second: number): boolean => (second + 300) % 3_600 < 600;
  const desired = Math.max(0, ...curve.filter((_, second) => isWindow(second)));
  return {
    name: 'KEDA cron windows + queue',
    decide: behaveAsHpa((fleet, nowS) => Math.max(inQueueAndRunning(fleet), isWindow(nowS) ? desired : 0), 1),
  };
}

/** As many as the largest window needs, all the time. */
export function staticFleet(workload: Workload): Policy {
  const peak = Math.max(...formulaPerBucket(workload));
  return { name: 'static, the peak of the buckets', decide: () => peak };
}
