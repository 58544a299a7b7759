/** The three answers as RabbitMQ knows them. `multiple` means: this tag and every unanswered one below it. */
export interface AnswerPort {
  ack(deliveryTag: number, multiple: boolean): void;
  reject(deliveryTag: number, requeue: boolean): void;
}

/**
 * Collects the acknowledgements of one channel and sends those of one turn of the event loop together: one `multiple` for all that lie
 * below the oldest unanswered delivery, single ones for the rest, so that a slow message neither is acknowledged early nor holds back others.
 * Answers after `close`, and second answers, do nothing.
 */
export class AckWindow {
  readonly #port: AnswerPort;
  readonly #afterFlush: () => void;
  /** Delivered and not answered, oldest first: RabbitMQ's tags only grow, and a Set keeps the order of insertion. */
  readonly #unanswered = new Set<number>();
  #acked: number[] = [];
  #flushing: NodeJS.Immediate | undefined;
  #closed = false;

  /** `afterFlush` is called after answers were sent. */
  constructor(port: AnswerPort, afterFlush: () => void) {
    this.#port = port;
    this.#afterFlush = afterFlush;
  }

  /** Nothing is unanswered and nothing waits to be sent. */
  get isIdle(): boolean {
    return this.#unanswered.size === 0 && this.#acked.length === 0;
  }

  delivered(deliveryTag: number): void {
    this.#unanswered.add(deliveryTag);
  }

  ack(deliveryTag: number): void {
    if (!this.#unanswered.delete(deliveryTag) || this.#closed) return;
    this.#acked.push(deliveryTag);
    this.#flushing ??= setImmediate(() => this.flush());
  }

  reject(deliveryTag: number, requeue: boolean): void {
    if (!this.#unanswered.delete(deliveryTag) || this.#closed) return;
    this.#send(() => this.#port.reject(deliveryTag, requeue));
    this.#flushing ??= setImmediate(() => this.flush());
  }

  /** Sends what was acknowledged so far. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#closed) return;
    const acked = this.#acked;
    this.#acked = [];
    const [oldestUnanswered = Infinity] = this.#unanswered;
    let upTo = 0;
    let below = 0;
    for (const deliveryTag of acked) {
      if (deliveryTag < oldestUnanswered) {
        below += 1;
        if (deliveryTag > upTo) upTo = deliveryTag;
      } else {
        this.#send(() => this.#port.ack(deliveryTag, false));
      }
    }
    if (below > 0) this.#send(() => this.#port.ack(upTo, below > 1));
    this.#afterFlush();
  }

  /** The channel is gone or going: RabbitMQ takes back what was not answered. */
  close(): void {
    this.#closed = true;
    clearImmediate(this.#flushing);
    this.#unanswered.clear();
    this.#acked = [];
  }

  #send(answer: () => void): void {
    if (this.#closed) return;
    try {
      answer();
    } catch {
      this.close(); // the channel closed under us and its `close` event follows; every unanswered message is delivered again
    }
  }
}
