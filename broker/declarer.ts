import { type Channel } from 'amqplib';

import { type Logger } from '../runtime/logger.ts';
import { type AdminChannel } from './admin-channel.ts';
import { DEAD_LETTER_EXCHANGE, type QueueRoute, TICKET_EXCHANGE } from './topology.ts';

/** Declares exchanges, queues and bindings over one connection, each queue once until it is forgotten. */
export class Declarer {
  readonly #admin: AdminChannel;
  readonly #log: Logger;
  readonly #removeDead: (queue: string) => Promise<boolean>;
  readonly #declared = new Set<string>();
  readonly #declaring = new Map<string, Promise<void>>();
  readonly #repairing = new Map<string, Promise<void>>();

  /** `removeDead` deletes a queue that answers nobody, and resolves to whether it did. */
  constructor(admin: AdminChannel, log: Logger, removeDead: (queue: string) => Promise<boolean>) {
    this.#admin = admin;
    this.#log = log;
    this.#removeDead = removeDead;
  }

  isDeclared(route: QueueRoute): boolean {
    return this.#declared.has(route.queue);
  }

  /** Resolves when the queue and its dead-letter queue exist and are bound. Rejects when RabbitMQ refuses; the next call tries again. */
  async ensure(route: QueueRoute): Promise<void> {
    if (this.#declared.has(route.queue)) return;
    let declaring = this.#declaring.get(route.queue);
    if (declaring === undefined) {
      declaring = this.#declare(route).finally(() => this.#declaring.delete(route.queue));
      this.#declaring.set(route.queue, declaring);
    }
    await declaring;
  }

  /** Something went wrong with this queue: declare it again at the next use. */
  forget(route: QueueRoute): void {
    this.#declared.delete(route.queue);
    if (route.deadLetters !== undefined) this.#declared.delete(route.deadLetters.queue);
  }

  /** A queue has not answered: looks whether it is dead, and makes it anew when it is. Never rejects. */
  repair(route: QueueRoute): Promise<void> {
    let repairing = this.#repairing.get(route.queue);
    if (repairing === undefined) {
      repairing = this.#repair(route).finally(() => this.#repairing.delete(route.queue));
      this.#repairing.set(route.queue, repairing);
    }
    return repairing;
  }

  async #repair(route: QueueRoute): Promise<void> {
    const { queue } = route;
    this.forget(route);
    try {
      if (await this.#removeDead(queue)) {
        this.#log.error({ queue }, 'the queue answered nobody and was deleted; its tickets are issued again');
      }
      await this.ensure(route);
    } catch (error) {
      this.#log.warn({ err: error, queue }, 'a queue that does not answer could not be looked at');
    }
  }

  async #declare(route: QueueRoute): Promise<void> {
    if (route.deadLetters !== undefined) await this.ensure(route.deadLetters);
    try {
      await this.#admin.run((channel) => declareQueue(channel, route));
      this.#declared.add(route.queue);
    } catch (error) {
      if ((error as { code?: unknown }).code === 406) {
        this.#log.error(
          { err: error, queue: route.queue },
          'the queue exists with other arguments, so nothing is sent through it; delete it in RabbitMQ, it will be made anew',
        );
      }
      throw error;
    }
  }
}

async function declareQueue(channel: Channel, route: QueueRoute): Promise<void> {
  await channel.assertExchange(TICKET_EXCHANGE, 'direct', { durable: true });
  await channel.assertExchange(DEAD_LETTER_EXCHANGE, 'direct', { durable: true });
  await channel.assertQueue(route.queue, { durable: true, arguments: route.arguments });
  await channel.bindQueue(route.queue, route.exchange, route.queue);
}
