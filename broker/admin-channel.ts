import { type Channel, type ChannelModel } from 'amqplib';

import { type Logger } from '../runtime/logger.ts';

/** A channel with everything listened to: one without an `error` listener takes its connection, and then the process, with it. */
export async function openQuietChannel<C extends Channel>(open: () => Promise<C>, log: Logger): Promise<C> {
  const channel = await open();
  channel.on('error', (error: Error) => log.debug({ err: error }, 'RabbitMQ closed a channel'));
  channel.on('handler-error', (error: Error) => log.error({ err: error }, 'a RabbitMQ listener failed'));
  return channel;
}

/**
 * A channel for declarations and questions. RabbitMQ answers a refused one by closing the channel with all that waits on it, so they go
 * one at a time, away from the messages, and the next one opens a new channel.
 */
export class AdminChannel {
  readonly #connection: ChannelModel;
  readonly #log: Logger;
  #channel: Channel | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: ChannelModel, log: Logger) {
    this.#connection = connection;
    this.#log = log;
  }

  run<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => work(this.#channel ?? (await this.#open())));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #open(): Promise<Channel> {
    const channel = await openQuietChannel(() => this.#connection.createChannel(), this.#log);
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
    });
    this.#channel = channel;
    return channel;
  }
}
