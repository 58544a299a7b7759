import { MINUTE_MS, SECOND_MS } from './duration.ts';

/** How a HorizontalPodAutoscaler on the length of a queue is set up. */
export interface QueueScalerSettings {
  /** Messages, waiting or running, that one replica is to have (AverageValue). */
  readonly messagesPerReplica: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** No change while the ratio of what is to what should be is this near to 1. */
  readonly tolerance: number;
  /** Going up, in one period: the greater of the two. */
  readonly scaleUpPercent: number;
  readonly scaleUpReplicas: number;
  /** It goes down no further than the highest number that it found right within so long. */
  readonly stabilisationMs: number;
}

/** What an HPA does when nobody says otherwise. */
export const HPA_DEFAULTS = {
  tolerance: 0.1,
  scaleUpPercent: 100,
  scaleUpReplicas: 4,
  stabilisationMs: 5 * MINUTE_MS,
} as const;

/** How often an HPA looks, and the period of its policies. */
export const HPA_PERIOD_MS = 15 * SECOND_MS;

/** From none to one is KEDA's own work: it looks so often, and goes back to none when nothing came for so long. */
export const KEDA_POLL_MS = 30 * SECOND_MS;
export const KEDA_COOLDOWN_MS = 5 * MINUTE_MS;

/**
 * A HorizontalPodAutoscaler, asked again and again with the messages that there are; answers the replicas it wants. An HPA never wants
 * none: with `minReplicas` 0 KEDA's activation is played as well.
 */
export function createQueueScaler(
  settings: QueueScalerSettings,
  initialReplicas: number,
): (nowMs: number, messages: number) => number {
  const { minReplicas, maxReplicas, stabilisationMs } = settings;
  const kept = Math.max(1, Math.round(stabilisationMs / HPA_PERIOD_MS));
  const fewest = Math.max(1, minReplicas);
  const recommended: number[] = [];
  let current = initialReplicas;
  let activeMs = 0;
  return (nowMs, messages) => {
    if (messages > 0) activeMs = nowMs;
    if (current === 0) {
      if (messages > 0 && nowMs % KEDA_POLL_MS === 0) current = 1;
      return current;
    }
    if (minReplicas === 0 && nowMs - activeMs >= KEDA_COOLDOWN_MS) {
      recommended.length = 0;
      current = 0;
      return current;
    }
    if (nowMs % HPA_PERIOD_MS !== 0) return current;
    const wanted = Math.min(maxReplicas, Math.max(fewest, proposal(settings, current, messages)));
    recommended.push(wanted);
    if (recommended.length > kept) recommended.shift();
    const stable = Math.max(...recommended);
    if (wanted > current) current = Math.min(wanted, mostAfterOnePeriod(settings, current));
    else if (stable < current) current = stable;
    return current;
  };
}

function proposal({ messagesPerReplica, tolerance }: QueueScalerSettings, current: number, messages: number): number {
  const ratio = messages / (messagesPerReplica * current);
  return Math.abs(1 - ratio) <= tolerance ? current : Math.ceil(messages / messagesPerReplica);
}

function mostAfterOnePeriod({ scaleUpPercent, scaleUpReplicas }: QueueScalerSettings, current: number): number {
  return Math.max(Math.ceil(current * (1 + scaleUpPercent / 100)), current + scaleUpReplicas);
}
