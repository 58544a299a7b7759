import { setTimeout as pause } from 'node:timers/promises';

import { type ChannelModel, type ConfirmChannel, type Message } from 'amqplib';

import { type Logger } from '../runtime/logger.ts';
import { AdminChannel, openQuietChannel } from './admin-channel.ts';
import { PublishError } from './broker.ts';
import { Declarer } from './declarer.ts';
import { Fifo } from './fifo.ts';
import { type QueueRoute } from './topology.ts';

/** Longer than it takes to find and replace a dead queue; a broker that hangs altogether is given up then. */
const REPAIR_TIMEOUT_MS = 12_000;

export interface PublisherOptions {
  readonly log: Logger;
  /** A publish that is not confirmed so long after its call fails with `timeout`. */
  readonly confirmTimeoutMs: number;
  /** Messages written and not yet confirmed; further ones wait in line. */
  readonly maxInFlight: number;
  /** Deletes a queue that answers nobody; see `Declarer`. */
  readonly removeDead: (queue: string) => Promise<boolean>;
  /** Readiness may have changed. */
  readonly onStateChange: () => void;
}

interface Pending {
  readonly route: QueueRoute;
  readonly body: Buffer;
  readonly messageId: string;
  readonly headers: Record<string, string> | undefined;
  readonly calledAtMs: number;
  readonly resolve: () => void;
  readonly reject: (error: PublishError) => void;
  written: boolean;
  returned: boolean;
}

interface Session {
  readonly channel: ConfirmChannel;
  readonly declarer: Declarer;
  /** amqplib's write buffer is full: nothing more until it drains, or memory would take what the socket does not. */
  full: boolean;
  /** Written and not yet answered by RabbitMQ, timed-out ones included. */
  inFlight: number;
  /** Of those, the ones whose callers have given up. */
  stale: number;
  lastAnswerAtMs: number;
  /** Ends the connection, so that a new one is built. */
  readonly giveUp: (cause: Error) => void;
}

/** Publishes with confirms over a connection that comes and goes. Every publish settles within `confirmTimeoutMs`. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #open = new Set<Pending>();
  readonly #known = new Map<string, QueueRoute>();
  readonly #sweep: NodeJS.Timeout;
  #line = new Fifo<Pending>();
  #session: Session | undefined;
  #blocked = false;
  #closed = false;
  #drained: (() => void) | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const periodMs = Math.max(10, Math.min(1_000, options.confirmTimeoutMs / 10));
    this.#sweep = setInterval(() => this.#failOverdue(), periodMs).unref();
  }

  get isReady(): boolean {
    return this.#session !== undefined && !this.#blocked && !this.#closed;
  }

  publish(route: QueueRoute, body: Buffer, messageId: string, headers?: Record<string, string>): Promise<void> {
    const session = this.#session;
    if (this.#closed) return Promise.reject(new PublishError('closed'));
    if (session === undefined || this.#blocked) return Promise.reject(new PublishError('not-ready'));
    return new Promise((resolve, reject) => {
      const calledAtMs = performance.now();
      const pending = { route, body, messageId, headers, calledAtMs, resolve, reject, written: false, returned: false };
      this.#open.add(pending);
      if (session.declarer.isDeclared(route)) this.#submit(session, pending);
      else void this.#declareThenSubmit(session, pending);
    });
  }

  /** A connection stands; declares every queue used so far. */
  async attach(connection: ChannelModel, giveUp: (cause: Error) => void): Promise<void> {
    const { log } = this.#options;
    const declarer = new Declarer(new AdminChannel(connection, log), log, this.#options.removeDead);
    const channel = await openQuietChannel(() => connection.createConfirmChannel(), log);
    const counts = { full: false, inFlight: 0, stale: 0, lastAnswerAtMs: performance.now() };
    const session: Session = { channel, declarer, giveUp, ...counts };
    let ended = false;
    channel.on('return', (message: Message) => this.#markReturned(session, message));
    channel.on('drain', () => {
      session.full = false;
      this.#advance(session);
    });
    channel.on('close', () => {
      ended = true;
      if (this.#session !== session) return;
      this.#session = undefined;
      this.#options.onStateChange();
      // Later, since a whole connection that ends closes its channels first, and then there is nothing to give up.
      setImmediate(() => giveUp(new Error('RabbitMQ closed the channel for publishing.')));
    });
    for (const route of this.#known.values()) {
      // A refused declaration is that queue's trouble, and its next publish will say so; it must not keep the others waiting.
      await declarer.ensure(route).catch((error: unknown) => {
        log.warn({ err: error, queue: route.queue }, 'queue could not be declared; its publishes will fail');
      });
    }
    // Its events may have come between two of our steps, when this was not the session yet.
    if (ended as boolean) throw new Error('RabbitMQ closed the channel for publishing.');
    this.#session = session;
    this.#options.onStateChange();
  }

  /** The connection is gone: what is in flight may or may not have arrived, what waits in line has not. */
  detach(): void {
    this.#session = undefined;
    this.#blocked = false;
    this.#line = new Fifo();
    for (const pending of this.#open) this.#fail(pending, pending.written ? 'closed' : 'not-ready');
    this.#options.onStateChange();
  }

  setBlocked(blocked: boolean): void {
    this.#blocked = blocked;
    if (blocked) {
      this.#line = new Fifo();
      for (const pending of this.#open) if (!pending.written) this.#fail(pending, 'not-ready');
    }
    this.#options.onStateChange();
  }

  /** Refuses new publishes and resolves when the present ones have settled. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#options.onStateChange();
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
    clearInterval(this.#sweep);
  }

  async #declareThenSubmit(session: Session, pending: Pending): Promise<void> {
    try {
      await session.declarer.ensure(pending.route);
      this.#known.set(pending.route.queue, pending.route);
      if (this.#session === session && !this.#blocked) this.#submit(session, pending);
    } catch (cause) {
      this.#fail(pending, 'not-ready', { cause });
    }
  }

  #submit(session: Session, pending: Pending): void {
    if (session.full || session.inFlight >= this.#options.maxInFlight) this.#line.push(pending);
    else this.#write(session, pending);
  }

  #advance(session: Session): void {
    while (this.#session === session && !session.full && session.inFlight < this.#options.maxInFlight) {
      const pending = this.#line.shift();
      if (pending === undefined) return;
      this.#write(session, pending);
    }
  }

  #write(session: Session, pending: Pending): void {
    if (!this.#open.has(pending)) return; // timed out in the line
    const { route, body, messageId, headers } = pending;
    const properties = { persistent: true, mandatory: true, contentType: 'application/json', messageId, headers };
    pending.written = true;
    session.inFlight += 1;
    try {
      const more = session.channel.publish(route.exchange, route.queue, body, properties, (error: Error | null) => {
        this.#answered(session, pending, error);
      });
      if (!more) session.full = true;
    } catch (cause) {
      session.inFlight -= 1;
      this.#fail(pending, 'closed', { cause });
    }
  }

  #answered(session: Session, pending: Pending, error: Error | null): void {
    session.inFlight -= 1;
    session.lastAnswerAtMs = performance.now();
    const channelClosed = error !== null && error.message !== 'message nacked';
    if (!this.#open.has(pending)) session.stale -= 1;
    else if (error !== null) this.#fail(pending, channelClosed ? 'closed' : 'nacked');
    else if (pending.returned) this.#fail(pending, 'returned');
    else {
      this.#settled(pending);
      pending.resolve();
    }
    if (!channelClosed) this.#advance(session);
  }

  /** No queue took it. RabbitMQ says so before it confirms, and confirms none the less. */
  #markReturned(session: Session, message: Message): void {
    const messageId: unknown = message.properties.messageId;
    for (const pending of this.#open) {
      if (!pending.written || pending.returned || pending.messageId !== messageId) continue;
      if (pending.route.queue !== message.fields.routingKey) continue;
      pending.returned = true;
      session.declarer.forget(pending.route);
      return;
    }
  }

  #failOverdue(): void {
    const nowMs = performance.now();
    const session = this.#session;
    const mute = new Map<string, QueueRoute>();
    for (const pending of this.#open) {
      if (nowMs - pending.calledAtMs < this.#options.confirmTimeoutMs) break; // they are in the order of their calls
      if (pending.written && session !== undefined) {
        session.stale += 1;
        mute.set(pending.route.queue, pending.route);
      }
      this.#fail(pending, 'timeout');
    }
    if (session !== undefined && mute.size > 0 && !this.#blocked) void this.#repair(session, [...mute.values()]);
  }

  /** Publishes were not confirmed in time: the queue may be dead, or the channel stuck behind one, or the whole broker may hang. */
  async #repair(session: Session, routes: readonly QueueRoute[]): Promise<void> {
    const { confirmTimeoutMs, maxInFlight } = this.#options;
    const answeredBeforeMs = session.lastAnswerAtMs;
    const repaired = Promise.all(routes.map((route) => session.declarer.repair(route)));
    await Promise.race([repaired, pause(REPAIR_TIMEOUT_MS, undefined, { ref: false })]);
    if (this.#session !== session || this.#blocked) return;
    // Confirms that never come hold room for ever; only the end of the channel frees it.
    if (session.lastAnswerAtMs === answeredBeforeMs || session.stale * 2 > maxInFlight) {
      session.giveUp(new Error(`RabbitMQ has not confirmed publishes for ${confirmTimeoutMs} ms.`));
    }
  }

  #fail(pending: Pending, reason: PublishError['reason'], options?: ErrorOptions): void {
    if (!this.#open.has(pending)) return;
    this.#settled(pending);
    pending.reject(new PublishError(reason, options));
  }

  #settled(pending: Pending): void {
    this.#open.delete(pending);
    if (this.#open.size === 0) this.#drained?.();
  }
}
