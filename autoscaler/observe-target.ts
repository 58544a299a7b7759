import { assertReplicaCount, type ScaleReading, type ScaleTarget } from './scale-target.ts';

/** What the observe target asks of the world: how many processors have reported lately; `undefined` when that is not known. */
export type CountReady = () => Promise<number | undefined>;

/**
 * The target that changes nothing: something else owns the number of processors (an HPA, KEDA, a person), and the plan is only
 * shown and served. What was asked last is remembered, so that the decision log stays free of repetitions.
 */
export function openObserveTarget(countReady: CountReady): ScaleTarget {
  let desired: number | undefined;
  return {
    name: 'observe',
    async read(): Promise<ScaleReading> {
      return { desired, ready: await countReady() };
    },
    apply(replicas: number, signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        signal.throwIfAborted();
        assertReplicaCount(replicas);
        desired = replicas;
        resolve();
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
