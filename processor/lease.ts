import type { Heartbeat, ReplicaStore } from '../db/replica-store.ts';
import type { Logger } from '../runtime/logger.ts';
import { rest, Wake } from '../runtime/ticker.ts';

export interface LeaseConfig {
  readonly replicaId: string;
  readonly leaseMs: number;
}

/**
 * Keeps the lease of a replica alive until `signal` aborts. Resolves to `lost` when the database says that the lease has ended, or
 * when no renewal got through for so long that it must have: counted from when the last good one was sent, on the monotonic clock.
 */
export async function keepLease(
  deps: {
    readonly replicas: Pick<ReplicaStore, 'heartbeat'>;
    readonly log: Logger;
    readonly heartbeat: () => Heartbeat;
    /** Rings when there is something to report before the next turn. */
    readonly wake: Wake;
  },
  { replicaId, leaseMs }: LeaseConfig,
  signal: AbortSignal,
): Promise<'ended' | 'lost'> {
  const deadlineMs = leaseMs * 0.8;
  let renewedMs = performance.now();
  for (;;) {
    await rest(leaseMs / 5, signal, deps.wake);
    if (signal.aborted) return 'ended';
    const sentMs = performance.now();
    const answered = new Wake();
    const answer = await Promise.race([
      deps.replicas.heartbeat(replicaId, leaseMs, deps.heartbeat()).catch((error: unknown) => {
        deps.log.warn({ err: error }, 'the lease could not be renewed; it is tried again');
        return undefined;
      }),
      rest(Math.max(0, renewedMs + deadlineMs - sentMs), signal, answered),
    ]);
    answered.ring(); // no timer and no listener is left of each renewal
    if (answer === true) renewedMs = sentMs;
    if (answer === false || performance.now() - renewedMs > deadlineMs) return 'lost';
  }
}
