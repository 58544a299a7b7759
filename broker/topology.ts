import { DAY_MS } from '../core/duration.ts';
import { type QueueName } from './broker.ts';

/** Tickets are published here; the routing key is the name of the queue. */
export const TICKET_EXCHANGE = 'almanac.tickets';
/** Rejected tickets and exhausted occurrences come here; the routing key is the name of the pool's dead-letter queue. */
export const DEAD_LETTER_EXCHANGE = 'almanac.dead-letters';

/**
 * How often a ticket may come back unanswered before it is dead-lettered. Attempts are counted in the database, not here, and processors
 * give back tickets that they have no slot for, so the limit only ends a ticket that nobody can ever take.
 */
export const DELIVERY_LIMIT = 1_000;
/** Occurrences live in PostgreSQL; a dead letter is only a copy for whoever looks, so old ones may go. */
const DEAD_LETTER_LIMIT = 10_000;
const DEAD_LETTER_TTL_MS = 14 * DAY_MS;
/** RabbitMQ 4 drops a message after 20 returns when nothing else is said; looking at a dead letter must not delete it. */
const DEAD_LETTER_DELIVERY_LIMIT = 1_000_000;

/** One queue, how it is declared, and where to publish so that a message arrives in it. */
export interface QueueRoute {
  readonly exchange: string;
  /** The queue's name, and the routing key bound to it. */
  readonly queue: string;
  /** Arguments of the declaration. They are part of the queue's identity: changing one needs a new version in the name. */
  readonly arguments: Readonly<Record<string, string | number>>;
  /** The queue that must exist before this one, since its messages are dead-lettered there. */
  readonly deadLetters: QueueRoute | undefined;
}

export function ticketQueueName(queue: QueueName): string {
  return `almanac.${queue.pool}.${queue.priority}.v1`;
}

export function deadLetterQueueName(pool: string): string {
  return `almanac.${pool}.dead-letters.v1`;
}

/** Where the tickets of a pool and priority class wait. */
export function ticketRoute(queue: QueueName): QueueRoute {
  const deadLetters = deadLetterRoute(queue.pool);
  return {
    exchange: TICKET_EXCHANGE,
    queue: ticketQueueName(queue),
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': DELIVERY_LIMIT,
      'x-dead-letter-exchange': DEAD_LETTER_EXCHANGE,
      'x-dead-letter-routing-key': deadLetters.queue,
      // At-least-once needs all of these three; with one missing RabbitMQ falls back to at-most-once without a word.
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
    deadLetters,
  };
}

export function deadLetterRoute(pool: string): QueueRoute {
  return {
    exchange: DEAD_LETTER_EXCHANGE,
    queue: deadLetterQueueName(pool),
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': DEAD_LETTER_DELIVERY_LIMIT,
      'x-max-length': DEAD_LETTER_LIMIT,
      'x-message-ttl': DEAD_LETTER_TTL_MS,
    },
    deadLetters: undefined,
  };
}
