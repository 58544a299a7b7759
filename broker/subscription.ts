import { type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';

import { type Logger } from '../runtime/logger.ts';
import { AckWindow } from './acks.ts';
import { openQuietChannel } from './admin-channel.ts';
import { backoffMs } from './backoff.ts';
import { type Consumer, type Delivery } from './broker.ts';
import { type Declarer } from './declarer.ts';
import { type QueueRoute } from './topology.ts';

export interface SubscriptionOptions {
  readonly log: Logger;
  readonly route: QueueRoute;
  readonly prefetch: number;
  readonly onDelivery: (delivery: Delivery) => void;
  /** The subscription is over: nobody needs to attach it again. */
  readonly onEnd: (subscription: Subscription) => void;
}

/** The connection of the moment. */
export interface SubscriptionHost {
  readonly connection: ChannelModel;
  readonly declarer: Declarer;
}

interface Session {
  readonly channel: Channel;
  readonly window: AckWindow;
  consumerTag: string;
  ended: boolean;
}

/** One consumer that outlives its channels: subscribes again after a lost connection, a closed channel and a deleted queue. */
export class Subscription implements Consumer {
  readonly #options: SubscriptionOptions;
  #host: SubscriptionHost | undefined;
  #session: Session | undefined;
  #subscribing: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #cancelled = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Resolves after the first try to subscribe over this connection; a failed one is repeated in the background. */
  attach(host: SubscriptionHost): Promise<void> {
    this.#host = host;
    this.#failures = 0;
    return this.#subscribe();
  }

  detach(): void {
    this.#host = undefined;
    clearTimeout(this.#retry);
    if (this.#session !== undefined) this.#end(this.#session);
    if (this.#cancelled) this.#options.onEnd(this);
  }

  async cancel(): Promise<void> {
    if (this.#cancelled) return;
    this.#cancelled = true;
    clearTimeout(this.#retry);
    await this.#subscribing;
    const session = this.#session;
    if (session === undefined) {
      this.#options.onEnd(this);
      return;
    }
    await session.channel.cancel(session.consumerTag).catch(() => undefined); // the channel is gone, and the consumer with it
    this.#closeWhenIdle(session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
    const session = this.#session;
    if (session === undefined) return;
    session.window.flush();
    await this.#close(session);
  }

  #subscribe(): Promise<void> {
    this.#subscribing = this.#subscribing.then(async () => {
      const host = this.#host;
      if (host === undefined || this.#cancelled || this.#session !== undefined) return;
      try {
        await this.#start(host);
        this.#failures = 0;
      } catch (error) {
        const { log, route } = this.#options;
        host.declarer.forget(route);
        if (host !== this.#host) return; // the next connection subscribes
        log.warn({ err: error, queue: route.queue }, 'could not subscribe; trying again');
        this.#subscribeLater();
      }
    });
    return this.#subscribing;
  }

  #subscribeLater(): void {
    if (this.#host === undefined || this.#cancelled) return;
    clearTimeout(this.#retry);
    this.#failures += 1;
    this.#retry = setTimeout(() => void this.#subscribe(), backoffMs(this.#failures, Math.random()));
  }

  async #start(host: SubscriptionHost): Promise<void> {
    const { log, route, prefetch } = this.#options;
    await host.declarer.ensure(route);
    const channel = await openQuietChannel(() => host.connection.createChannel(), log);
    const window = new AckWindow(
      {
        ack: (deliveryTag, multiple) => channel.ack(asMessage(deliveryTag), multiple),
        reject: (deliveryTag, requeue) => channel.reject(asMessage(deliveryTag), requeue),
      },
      () => this.#closeWhenIdle(session),
    );
    const session: Session = { channel, window, consumerTag: '', ended: false };
    channel.on('close', () => this.#lost(session));
    await channel.prefetch(prefetch, false); // a global limit on a quorum queue closes the connection
    const { consumerTag } = await channel.consume(route.queue, (message) => this.#receive(session, message));
    session.consumerTag = consumerTag;
    // Its end may have arrived together with the answer, before this line.
    if (session.ended) throw new Error('RabbitMQ ended the consumer at once.');
    this.#session = session;
  }

  #receive(session: Session, message: ConsumeMessage | null): void {
    if (message === null) {
      this.#options.log.warn({ queue: this.#options.route.queue }, 'RabbitMQ ended the consumer; subscribing again');
      this.#host?.declarer.forget(this.#options.route);
      void this.#close(session);
      return;
    }
    const { deliveryTag, redelivered } = message.fields;
    session.window.delivered(deliveryTag);
    if (this.#cancelled) {
      session.window.reject(deliveryTag, true); // it was on its way when we cancelled
      return;
    }
    try {
      this.#options.onDelivery(new RabbitDelivery(session.window, deliveryTag, message.content, redelivered));
    } catch (error) {
      this.#options.log.error({ err: error }, 'the consumer of tickets failed; the message goes to the dead letters');
      session.window.reject(deliveryTag, false);
    }
  }

  /** The channel is gone; unanswered messages come again over the next one. */
  #lost(session: Session): void {
    const current = session === this.#session;
    this.#end(session);
    if (!current) return;
    if (this.#cancelled) this.#options.onEnd(this);
    else this.#subscribeLater();
  }

  #end(session: Session): void {
    session.ended = true;
    session.window.close();
    if (this.#session === session) this.#session = undefined;
  }

  #closeWhenIdle(session: Session): void {
    if (this.#cancelled && session === this.#session && session.window.isIdle) void this.#close(session);
  }

  /** RabbitMQ takes back what is unanswered. `#lost` follows from the channel's `close` event. */
  async #close(session: Session): Promise<void> {
    session.window.close();
    await session.channel.close().catch(() => undefined); // it is closed already
  }
}

class RabbitDelivery implements Delivery {
  readonly body: Buffer;
  readonly redelivered: boolean;
  readonly #window: AckWindow;
  readonly #deliveryTag: number;

  constructor(window: AckWindow, deliveryTag: number, body: Buffer, redelivered: boolean) {
    this.#window = window;
    this.#deliveryTag = deliveryTag;
    this.body = body;
    this.redelivered = redelivered;
  }

  ack(): void {
    this.#window.ack(this.#deliveryTag);
  }

  reject(): void {
    this.#window.reject(this.#deliveryTag, false);
  }

  requeue(): void {
    this.#window.reject(this.#deliveryTag, true);
  }
}

/** amqplib answers messages, and reads nothing of them but the tag. */
function asMessage(deliveryTag: number): ConsumeMessage {
  return { fields: { deliveryTag } } as ConsumeMessage;
}
