import { setTimeout as pause } from 'node:timers/promises';

import { type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';

import { type Logger } from '../runtime/logger.ts';
import { AckWindow } from './acks.ts';
import { openQuietChannel } from './admin-channel.ts';
import { backoffMs } from './backoff.ts';
import { type Consumer, type Delivery } from './broker.ts';
import { type Declarer } from './declarer.ts';
import { type QueueRoute } from './topology.ts';

/** A queue that takes longer to take a consumer may be dead. */
const CONSUME_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

export interface SubscriptionOptions {
  readonly log: Logger;
  readonly route: QueueRoute;
  readonly prefetch: number;
  readonly onDelivery: (delivery: Delivery) => void;
  /**
   * A consumer that was given nothing for so long is replaced. RabbitMQ does not tell it when its queue is deleted and declared again at
   * once; nor can it be asked.
   */
  readonly idleRenewalMs: number;
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
  /** No deliveries any more: it is closed when the last message in hand is answered. */
  retiring: boolean;
  ended: boolean;
  lastDeliveryAtMs: number;
}

/** One consumer that outlives its channels: subscribes again after a lost connection, a closed channel and a deleted queue. */
export class Subscription implements Consumer {
  readonly #options: SubscriptionOptions;
  #host: SubscriptionHost | undefined;
  /** The one that receives; others in `#sessions` only wait for their last answers. */
  #session: Session | undefined;
  readonly #sessions = new Set<Session>();
  readonly #renewal: NodeJS.Timeout;
  #subscribing: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #cancelled = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#renewal = setInterval(() => this.#renewIdle(), options.idleRenewalMs / 2).unref();
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
    for (const session of this.#sessions) this.#end(session);
    this.#endIfDone();
  }

  async cancel(): Promise<void> {
    if (this.#cancelled) return;
    this.#cancelled = true;
    clearTimeout(this.#retry);
    clearInterval(this.#renewal);
    await this.#subscribing;
    if (this.#session !== undefined) await this.#retire(this.#session);
    this.#endIfDone();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
    await Promise.all(
      [...this.#sessions].map((session) => {
        session.window.flush();
        return this.#close(session);
      }),
    );
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
    const lastDeliveryAtMs = performance.now();
    const session: Session = { channel, window, consumerTag: '', retiring: false, ended: false, lastDeliveryAtMs };
    this.#sessions.add(session);
    channel.on('close', () => this.#lost(session));
    await channel.prefetch(prefetch, false); // a global limit on a quorum queue closes the connection
    const consuming = channel.consume(route.queue, (message) => this.#receive(session, message));
    const timer = new AbortController();
    const tooLate = pause(CONSUME_TIMEOUT_MS, undefined, { signal: timer.signal });
    const started = await Promise.race([consuming, tooLate]).finally(() => {
      timer.abort();
      tooLate.catch(() => undefined);
    });
    if (started === undefined) {
      consuming.catch(() => undefined);
      void this.#close(session);
      void host.declarer.repair(route);
      throw new Error(`RabbitMQ has not answered for ${CONSUME_TIMEOUT_MS} ms.`);
    }
    session.consumerTag = started.consumerTag;
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
    session.lastDeliveryAtMs = performance.now();
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

  #renewIdle(): void {
    const session = this.#session;
    if (session === undefined || session.retiring || !session.window.isIdle) return;
    if (performance.now() - session.lastDeliveryAtMs < this.#options.idleRenewalMs) return;
    void this.#retire(session).then(() => this.#subscribe());
  }

  /** Stops deliveries; resolves when RabbitMQ has confirmed. What is in hand can still be answered. */
  async #retire(session: Session): Promise<void> {
    if (session.retiring) return;
    session.retiring = true;
    await session.channel.cancel(session.consumerTag).catch(() => undefined); // the channel is gone, and the consumer with it
    if (this.#session === session) this.#session = undefined;
    this.#closeWhenIdle(session);
  }

  /** The channel is gone; unanswered messages come again over the next one. */
  #lost(session: Session): void {
    const current = session === this.#session;
    this.#end(session);
    if (current) this.#subscribeLater();
    this.#endIfDone();
  }

  #end(session: Session): void {
    session.ended = true;
    session.window.close();
    this.#sessions.delete(session);
    if (this.#session === session) this.#session = undefined;
  }

  #endIfDone(): void {
    if (this.#cancelled && this.#sessions.size === 0) this.#options.onEnd(this);
  }

  #closeWhenIdle(session: Session): void {
    if (session.retiring && session.window.isIdle) void this.#close(session);
  }

  /**
   * RabbitMQ takes back what is unanswered. `#lost` follows from the channel's `close` event. A channel that waits on a dead queue does not
   * answer; it goes with its connection.
   */
  async #close(session: Session): Promise<void> {
    session.window.close();
    const closed = session.channel.close().catch(() => undefined); // it is closed already
    await Promise.race([closed, pause(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
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
