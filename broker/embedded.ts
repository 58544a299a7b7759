import { type Broker, type Consumer, type DeadLetterMessage, type Delivery, PublishError } from './broker.ts';
import { Fifo } from './fifo.ts';
import { deadLetterQueueName, DELIVERY_LIMIT, ticketQueueName } from './topology.ts';

export interface EmbeddedBroker extends Broker {
  /** The dead letters that are still kept for a pool, oldest first. */
  deadLetters(pool: string): readonly DeadLetterMessage[];
}

/** More than this many waiting messages in one queue are refused (`nacked`): a full memory would take the whole process. */
const MAX_READY = 500_000;
const MAX_DEAD_LETTERS = 1_000;
/** Messages handed out in one turn of the event loop, so that timers and sockets get theirs. */
const MESSAGES_PER_TURN = 500;

const CONFIRMED = Promise.resolve();

/**
 * A broker inside this process, with the behaviour of the real one: first in first out, prefetch, redelivery, dead letters, delivery limit.
 * Messages live in memory only; the leases in the database bring back what it forgets. Bodies are kept by reference.
 */
export function openEmbeddedBroker(): EmbeddedBroker {
  const queues = new Map<string, Queue>();
  const deadLetters = new Map<string, DeadLetterMessage[]>();
  const stateListeners = new Set<() => void>();
  let closed = false;

  const queueOf = (name: Parameters<Broker['depth']>[0]): Queue => {
    const key = ticketQueueName(name);
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = new Queue((letter) => keepDeadLetter(name.pool, letter));
      queues.set(key, queue);
    }
    return queue;
  };
  const keepDeadLetter = (pool: string, letter: DeadLetterMessage): void => {
    const key = deadLetterQueueName(pool);
    const letters = deadLetters.get(key) ?? [];
    letters.push(letter);
    if (letters.length > MAX_DEAD_LETTERS) letters.shift();
    deadLetters.set(key, letters);
  };

  return {
    publish(name, body, messageId) {
      if (closed) return Promise.reject(new PublishError('closed'));
      return queueOf(name).publish({ body, messageId, deliveries: 0 })
        ? CONFIRMED
        : Promise.reject(new PublishError('nacked'));
    },
    publishDeadLetter(pool, message) {
      if (closed) return Promise.reject(new PublishError('closed'));
      keepDeadLetter(pool, message);
      return CONFIRMED;
    },
    consume: (name, prefetch, onDelivery) => Promise.resolve(queueOf(name).consume(prefetch, onDelivery)),
    depth: (name) => Promise.resolve(closed ? undefined : queueOf(name).ready),
    deadLetterDepth: (pool) =>
      Promise.resolve(closed ? undefined : (deadLetters.get(deadLetterQueueName(pool))?.length ?? 0)),
    isReady: () => !closed,
    onStateChange(listener) {
      stateListeners.add(listener);
      return () => void stateListeners.delete(listener);
    },
    deadLetters: (pool) => [...(deadLetters.get(deadLetterQueueName(pool)) ?? [])],
    [Symbol.asyncDispose]() {
      if (!closed) {
        closed = true;
        for (const queue of queues.values()) queue.close();
        for (const listener of stateListeners) listener();
      }
      return Promise.resolve();
    },
  };
}

interface Message {
  readonly body: Buffer;
  readonly messageId: string;
  /** How often it was handed out and came back. */
  deliveries: number;
}

class Queue {
  readonly #fresh = new Fifo<Message>();
  /** What came back goes out again before anything new. */
  readonly #returned = new Fifo<Message>();
  readonly #deadLetter: (letter: DeadLetterMessage) => void;
  readonly #consumers: QueueConsumer[] = [];
  #next = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(deadLetter: (letter: DeadLetterMessage) => void) {
    this.#deadLetter = deadLetter;
  }

  get ready(): number {
    return this.#fresh.length + this.#returned.length;
  }

  /** `false` when the queue is full. */
  publish(message: Message): boolean {
    if (this.ready >= MAX_READY) return false;
    this.#fresh.push(message);
    this.schedule();
    return true;
  }

  consume(prefetch: number, onDelivery: (delivery: Delivery) => void): Consumer {
    const consumer = new QueueConsumer(this, prefetch, onDelivery);
    this.#consumers.push(consumer);
    this.schedule();
    return consumer;
  }

  remove(consumer: QueueConsumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index >= 0) this.#consumers.splice(index, 1);
  }

  giveBack(message: Message): void {
    if (this.#closed) return;
    message.deliveries += 1;
    if (message.deliveries > DELIVERY_LIMIT) this.bury(message, 'delivery_limit');
    else this.#returned.push(message);
    this.schedule();
  }

  bury(message: Message, cause: string): void {
    if (!this.#closed) this.#deadLetter({ messageId: message.messageId, cause, body: message.body });
  }

  schedule(): void {
    if (this.#closed || this.#consumers.length === 0 || this.ready === 0) return;
    this.#scheduled ??= setImmediate(() => this.#handOut());
  }

  close(): void {
    this.#closed = true;
    clearImmediate(this.#scheduled);
    for (const consumer of [...this.#consumers]) consumer.end();
  }

  /** Round-robin over the consumers with room; never called from inside a callback, so a consumer is never entered twice. */
  #handOut(): void {
    this.#scheduled = undefined;
    for (let count = 0; count < MESSAGES_PER_TURN; count++) {
      const consumer = this.#consumerWithRoom();
      if (consumer === undefined) return; // an answer or a new consumer schedules the next turn
      const message = this.#returned.shift() ?? this.#fresh.shift();
      if (message === undefined) return;
      consumer.deliver(message);
    }
    this.schedule();
  }

  #consumerWithRoom(): QueueConsumer | undefined {
    let untried = this.#consumers.length;
    while (untried-- > 0) {
      this.#next = (this.#next + 1) % this.#consumers.length;
      const consumer = this.#consumers[this.#next];
      if (consumer?.hasRoom === true) return consumer;
    }
    return undefined;
  }
}

class QueueConsumer implements Consumer {
  readonly #queue: Queue;
  readonly #prefetch: number;
  readonly #onDelivery: (delivery: Delivery) => void;
  readonly #unanswered = new Set<EmbeddedDelivery>();
  #ended = false;

  constructor(queue: Queue, prefetch: number, onDelivery: (delivery: Delivery) => void) {
    this.#queue = queue;
    this.#prefetch = prefetch;
    this.#onDelivery = onDelivery;
  }

  get hasRoom(): boolean {
    return this.#unanswered.size < this.#prefetch;
  }

  deliver(message: Message): void {
    const delivery = new EmbeddedDelivery(this, message);
    this.#unanswered.add(delivery);
    this.#onDelivery(delivery);
  }

  /** The message, for the one who answers first; `undefined` for a second answer or after the end. */
  answer(delivery: EmbeddedDelivery): Queue | undefined {
    if (!this.#unanswered.delete(delivery) || this.#ended) return undefined;
    if (this.#unanswered.size === this.#prefetch - 1) this.#queue.schedule(); // there was no room before
    return this.#queue;
  }

  cancel(): Promise<void> {
    this.#queue.remove(this);
    return Promise.resolve();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue.remove(this);
    for (const delivery of this.#unanswered) this.#queue.giveBack(delivery.message);
    this.#unanswered.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.end();
    return Promise.resolve();
  }
}

class EmbeddedDelivery implements Delivery {
  readonly body: Buffer;
  readonly redelivered: boolean;
  readonly message: Message;
  readonly #consumer: QueueConsumer;

  constructor(consumer: QueueConsumer, message: Message) {
    this.#consumer = consumer;
    this.message = message;
    this.body = message.body;
    this.redelivered = message.deliveries > 0;
  }

  ack(): void {
    this.#consumer.answer(this);
  }

  reject(): void {
    this.#consumer.answer(this)?.bury(this.message, 'rejected');
  }

  requeue(): void {
    this.#consumer.answer(this)?.giveBack(this.message);
  }
}
