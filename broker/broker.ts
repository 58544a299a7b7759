/**
 * The broker port: what the services need from a message broker, and no more.
 * PostgreSQL is the truth; a message is only a ticket, and losing every one of them must not lose an occurrence.
 */

/** Where tickets of one pool and priority class wait. */
export interface QueueName {
  readonly pool: string;
  readonly priority: 'high' | 'normal' | 'low';
}

/** One delivered message. Exactly one of the three answers must be given, once; a second answer is ignored. */
export interface Delivery {
  readonly body: Buffer;
  readonly redelivered: boolean;
  /** The message did its work. */
  ack(): void;
  /** The message is not readable: to the dead-letter queue with it. */
  reject(): void;
  /** Not now: back to the queue, for us or another consumer. */
  requeue(): void;
}

export interface Consumer extends AsyncDisposable {
  /** Stops new deliveries; messages in hand may still be answered. Resolves when the broker has confirmed. */
  cancel(): Promise<void>;
}

/** Why a message went to the dead-letter queue, for whoever looks at that queue. */
export interface DeadLetterMessage {
  /** Unique per dead letter; the broker carries it as the message id. */
  readonly messageId: string;
  /** One sentence. */
  readonly cause: string;
  readonly body: Buffer;
}

export interface Broker extends AsyncDisposable {
  /**
   * Publishes one persistent, mandatory message and resolves when the broker has confirmed it.
   * Many publishes may be in flight at once. Rejects with `PublishError` when the message was nacked or returned, when the channel
   * closed before the confirm, or after the confirm time-out; a rejected publish may still have reached the queue.
   */
  publish(queue: QueueName, body: Buffer, messageId: string): Promise<void>;

  /** Publishes to the dead-letter queue of a pool; confirmed like `publish`. */
  publishDeadLetter(pool: string, message: DeadLetterMessage): Promise<void>;

  /**
   * Delivers messages to `onDelivery`, at most `prefetch` unanswered at a time. Survives reconnects: after one, unanswered messages
   * come again with `redelivered`, and answers to the old deliveries are dropped. `onDelivery` must not throw.
   */
  consume(queue: QueueName, prefetch: number, onDelivery: (delivery: Delivery) => void): Promise<Consumer>;

  /** Messages that are ready, not those in the hands of consumers. `undefined` while the broker can not be asked: never zero. */
  depth(queue: QueueName): Promise<number | undefined>;

  /** Dead letters that wait in the pool's dead-letter queue; `undefined` while the broker can not be asked. */
  deadLetterDepth(pool: string): Promise<number | undefined>;

  /** `false` while disconnected or while the broker refuses publishes (memory or disk alarm): do not claim work then. */
  isReady(): boolean;

  /** Calls back whenever `isReady` may have changed; returns the function that ends it. */
  onStateChange(listener: () => void): () => void;
}

/** The message may or may not be in the queue; treat it as not published and let the claim's number refuse the copy. */
export class PublishError extends Error {
  readonly reason: 'nacked' | 'returned' | 'closed' | 'timeout' | 'not-ready';

  constructor(reason: PublishError['reason'], options?: ErrorOptions) {
    super(`The broker did not take the message: ${reason}.`, options);
    this.name = 'PublishError';
    this.reason = reason;
  }
}
