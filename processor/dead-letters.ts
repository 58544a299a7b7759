import type { Broker } from '../broker/broker.ts';
import { formatOccurrenceId, formatRunId } from '../core/occurrence.ts';
import type { FinishedAttempt } from '../db/attempt-store.ts';
import type { Logger } from '../runtime/logger.ts';

/**
 * Publishes an occurrence that ended as Failed, with its cause, to the dead-letter queue of its pool. The database has the truth
 * already, so a publish that fails is logged and nothing else: the queue is for those who listen there.
 */
export function publishDeadLetters(deps: {
  readonly broker: Broker;
  readonly log: Logger;
}): (attempt: FinishedAttempt, pool: string) => void {
  return (attempt, pool) => {
    const cause = attempt.error ?? 'unknown';
    const occurrenceId = formatOccurrenceId(attempt);
    const body = Buffer.from(JSON.stringify({ occurrenceId, attempt: attempt.attempt, cause }));
    deps.broker.publishDeadLetter(pool, { messageId: formatRunId(attempt), cause, body }).catch((error: unknown) => {
      deps.log.error(
        { err: error, occurrenceId },
        'the dead letter was not published; the occurrence is Failed all the same',
      );
    });
  };
}
