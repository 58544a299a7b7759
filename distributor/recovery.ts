import type { Broker, QueueName } from '../broker/broker.ts';
import { encodeTicket } from '../broker/message.ts';
import { formatOccurrenceId, formatRunId } from '../core/occurrence.ts';
import type { ClaimStore, UnstartedOccurrence } from '../db/claim-store.ts';
import type { ReplicaStore } from '../db/replica-store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';

const CLAIMS_PER_TURN = 50;

/** Takes attempts from processors whose lease has ended; those without tries left go to the dead-letter queue. */
export async function recoverAttempts(deps: {
  readonly replicas: ReplicaStore;
  readonly broker: Broker;
  readonly log: Logger;
  readonly metrics: Metrics;
}): Promise<void> {
  const { lost, attempts } = await deps.replicas.recoverLost();
  for (const replica of lost) {
    deps.log.warn(
      { replica: replica.name, service: replica.service },
      'replica was lost; what it ran goes back to Scheduled',
    );
  }
  if (attempts.length > 0) deps.metrics.releasedOccurrences.inc({ cause: 'processor-lost' }, attempts.length);
  for (const attempt of attempts.filter(({ status }) => status === 'Failed')) {
    const id = formatOccurrenceId(attempt);
    const body = Buffer.from(JSON.stringify({ occurrenceId: id, attempt: attempt.attempt, cause: attempt.cause }));
    const letter = { messageId: formatRunId(attempt), cause: attempt.cause, body };
    // The database has the truth already, so one that fails stops neither the others nor the recovery.
    deps.broker.publishDeadLetter(attempt.pool, letter).catch((error: unknown) => {
      deps.log.error(
        { err: error, occurrenceId: id },
        'the dead letter was not published; the occurrence is Failed all the same',
      );
    });
  }
}

/** Puts back what a lost distributor had claimed. Answers whether more waits. */
export async function recoverClaims(deps: {
  readonly claims: ClaimStore;
  readonly log: Logger;
  readonly metrics: Metrics;
}): Promise<boolean> {
  const count = await deps.claims.recoverExpired(CLAIMS_PER_TURN);
  if (count > 0) {
    deps.metrics.releasedOccurrences.inc({ cause: 'claim-expired' }, count);
    deps.log.warn({ count }, 'claims of a lost distributor ended; their occurrences go back to Scheduled');
  }
  return count > 0;
}

/**
 * Publishes again, under the same claim, what was published long ago, has not started and can not be in the broker. A claim has at least
 * one ticket in each queue that it needs until all of its occurrences have started, so fewer messages than claims means that some were
 * lost; a deep backlog fails that comparison and is left alone. A ticket that turns out to be a copy finds its occurrence started and is
 * dropped. Answers whether more waits.
 */
export async function republishForgotten(
  deps: { readonly claims: ClaimStore; readonly broker: Broker; readonly log: Logger; readonly metrics: Metrics },
  verifyAgainAfterMs: number,
): Promise<boolean> {
  if (!deps.broker.isReady()) return false;
  const { claims, unstarted } = await deps.claims.findUnstarted(CLAIMS_PER_TURN, verifyAgainAfterMs);
  for (const group of groupByQueue(unstarted)) {
    const [{ pool, priority }] = group;
    const ready = await deps.broker.depth({ pool, priority });
    if (ready === undefined || ready >= new Set(group.map(({ claimId }) => claimId)).size) continue;
    await republish(deps.broker, { pool, priority }, group);
    deps.metrics.releasedOccurrences.inc({ cause: 'ticket-lost' }, group.length);
    deps.log.warn(
      { pool, priority, count: group.length, ready },
      'the broker has lost tickets; they are published again',
    );
  }
  return claims === CLAIMS_PER_TURN;
}

async function republish(broker: Broker, queue: QueueName, occurrences: readonly UnstartedOccurrence[]): Promise<void> {
  await Promise.all(
    occurrences.map((occurrence) => {
      // One message each: what these tasks take is not known here, and this path is rare.
      const body = encodeTicket({
        claimId: occurrence.claimId,
        workMs: Number.MAX_SAFE_INTEGER,
        occurrences: [occurrence],
      });
      return broker.publish(queue, body, `${occurrence.claimId}:${formatOccurrenceId(occurrence)}:again`);
    }),
  );
}

function groupByQueue(occurrences: readonly UnstartedOccurrence[]): [UnstartedOccurrence, ...UnstartedOccurrence[]][] {
  const groups = new Map<string, [UnstartedOccurrence, ...UnstartedOccurrence[]]>();
  for (const occurrence of occurrences) {
    const key = `${occurrence.priority}|${occurrence.pool}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [occurrence]);
    else group.push(occurrence);
  }
  return [...groups.values()];
}
