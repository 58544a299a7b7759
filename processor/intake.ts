import type { Broker, Consumer, Delivery, QueueName } from '../broker/broker.ts';
import { decodeTicket, type Ticket } from '../broker/message.ts';

/** A ticket in our hands, not yet answered. */
export interface HeldTicket {
  readonly ticket: Ticket;
  readonly delivery: Delivery;
}

export interface IntakeDeps {
  readonly broker: Broker;
  /** A message that is not a ticket was sent to the dead-letter queue. */
  readonly onUnreadable: (cause: string) => void;
  readonly onError: (error: unknown) => void;
}

export interface IntakeConfig {
  readonly pool: string;
  /** Tickets in hand at most, per priority class, while work is short. */
  readonly prefetch: number;
  /** Expected work that one slot may start in one go; a ticket that alone is more is started alone. */
  readonly batchWorkMs: number;
  readonly batchSize: number;
  /** How long tickets may wait for a slot before they are given back for other processors to take. */
  readonly patienceMs: number;
}

const PRIORITIES = ['high', 'normal', 'low'] as const;

/**
 * Takes tickets from the broker for slots that are free, and for no others: a ticket that waits behind a long run would be late although
 * another processor is idle. While work is short some tickets are kept in hand; once all slots are busy with long work the consumers are
 * cancelled and what is in hand goes back.
 */
export class Intake {
  readonly #deps: IntakeDeps;
  readonly #config: IntakeConfig;
  readonly #held = new Map<QueueName['priority'], HeldTicket[]>(PRIORITIES.map((priority) => [priority, []]));
  readonly #waiting: ((tickets: HeldTicket[]) => void)[] = [];
  #consumers: Consumer[] = [];
  #open = false;
  #closed = false;
  #longWork = false;
  #patience: NodeJS.Timeout | undefined;
  #switching: Promise<void> = Promise.resolve();

  constructor(deps: IntakeDeps, config: IntakeConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  /** Waits for tickets for one free slot: several short ones, or one long one. Empty when the intake was closed. */
  take(): Promise<HeldTicket[]> {
    if (this.#closed) return Promise.resolve([]);
    const batch = this.#nextBatch();
    if (batch.length > 0) return Promise.resolve(this.#handOut(batch));
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#setOpen(true);
    });
  }

  /** No new tickets; those in hand go back to the queue. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const resolve of this.#waiting.splice(0)) resolve([]);
    this.#setOpen(false);
    await this.#switching;
  }

  #onDelivery(priority: QueueName['priority'], delivery: Delivery): void {
    if (!this.#open) {
      delivery.requeue();
      return;
    }
    const decoded = decodeTicket(delivery.body);
    if (decoded.kind === 'unreadable') {
      delivery.reject();
      this.#deps.onUnreadable(decoded.cause);
      return;
    }
    this.#held.get(priority)?.push({ ticket: decoded.ticket, delivery });
    const slot = this.#waiting.shift();
    if (slot !== undefined) slot(this.#handOut(this.#nextBatch()));
    else this.#losePatienceLater();
  }

  /** With every slot taken by long work, nothing may be left waiting here. */
  #handOut(batch: HeldTicket[]): HeldTicket[] {
    this.#longWork = batch.some(({ ticket }) => ticket.workMs > this.#config.batchWorkMs);
    if (this.#longWork && this.#waiting.length === 0) this.#setOpen(false);
    return batch;
  }

  #nextBatch(): HeldTicket[] {
    const batch: HeldTicket[] = [];
    let workMs = 0;
    let count = 0;
    for (const priority of PRIORITIES) {
      const held = this.#held.get(priority) ?? [];
      for (let first = held[0]; first !== undefined; first = held[0]) {
        workMs += first.ticket.workMs;
        count += first.ticket.occurrences.length;
        if (batch.length > 0 && (workMs > this.#config.batchWorkMs || count > this.#config.batchSize)) return batch;
        batch.push(first);
        held.shift();
      }
    }
    return batch;
  }

  #losePatienceLater(): void {
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined;
      const isAnyHeld = [...this.#held.values()].some((held) => held.length > 0);
      if (!isAnyHeld || this.#waiting.length > 0) return;
      this.#longWork = true; // whatever the estimates said
      this.#setOpen(false);
    }, this.#config.patienceMs);
  }

  #setOpen(open: boolean): void {
    if (this.#open === open) return;
    this.#open = open;
    if (!open) this.#giveBack();
    this.#switching = this.#switching
      .then(() => this.#switchConsumers())
      .catch((error: unknown) => this.#deps.onError(error));
  }

  #giveBack(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const held of this.#held.values()) {
      for (const { delivery } of held.splice(0)) delivery.requeue();
    }
  }

  /** Switches are queued one behind the other; one that was overtaken by a later wish has nothing left to do. */
  async #switchConsumers(): Promise<void> {
    const isConsuming = this.#consumers.length > 0;
    if (this.#open === isConsuming) return;
    if (!this.#open) {
      await Promise.all(this.#consumers.splice(0).map((consumer) => consumer.cancel()));
      return;
    }
    const prefetch = this.#longWork ? Math.max(1, this.#waiting.length) : this.#config.prefetch;
    this.#consumers = await Promise.all(
      PRIORITIES.map((priority) =>
        this.#deps.broker.consume({ pool: this.#config.pool, priority }, prefetch, (delivery) =>
          this.#onDelivery(priority, delivery),
        ),
      ),
    );
  }
}
