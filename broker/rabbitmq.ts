import { setTimeout as pause } from 'node:timers/promises';

import { type ChannelModel } from 'amqplib';

import { type Logger } from '../runtime/logger.ts';
import { AdminChannel } from './admin-channel.ts';
import { type Broker } from './broker.ts';
import { closeQuietly, openLink, openSpareConnection } from './connection.ts';
import { Declarer } from './declarer.ts';
import { Publisher } from './publisher.ts';
import { removeDeadQueue } from './repair.ts';
import { Subscription, type SubscriptionHost } from './subscription.ts';
import { deadLetterRoute, type QueueRoute, ticketRoute } from './topology.ts';

export interface RabbitMqOptions {
  readonly url: string;
  readonly log: Logger;
  /** How long the first connection may take, retries included. */
  readonly connectTimeoutMs?: number;
  /** A publish that is not confirmed so long after its call fails with `timeout`. */
  readonly confirmTimeoutMs?: number;
  /** Messages sent and not yet confirmed; further publishes wait in line. */
  readonly maxInFlight?: number;
  /** A consumer that was given nothing for so long is replaced by a new one, in case RabbitMQ has forgotten it. */
  readonly idleRenewalMs?: number;
}

const DEPTH_TIMEOUT_MS = 5_000;
/** The longest text of a cause that travels with a dead letter; RabbitMQ limits headers to one frame. */
const MAX_CAUSE_CHARACTERS = 2_000;

/**
 * RabbitMQ over two connections, one that publishes and one that consumes: a broker in alarm stops reading from publishers, and
 * acknowledgements must still get through. Resolves when both stand for the first time; from then on it reconnects for ever.
 * @throws InvalidInputError for a bad URL, UnavailableError when the broker can not be reached within `connectTimeoutMs`.
 */
export async function openRabbitMq(options: RabbitMqOptions): Promise<Broker> {
  const { url, log, connectTimeoutMs = 10_000, confirmTimeoutMs = 10_000, maxInFlight = 2_000 } = options;
  const idleRenewalMs = options.idleRenewalMs ?? 30_000;
  const stateListeners = new Set<() => void>();
  const subscriptions = new Set<Subscription>();
  const routes = createRouteCache();
  let host: (SubscriptionHost & { readonly probes: AdminChannel }) | undefined;
  let closed = false;

  const openRepair = (): ReturnType<typeof openSpareConnection> => openSpareConnection(url, 'almanac repair');
  const removeDead = (queue: string): Promise<boolean> => removeDeadQueue(openRepair, closeQuietly, queue);
  const publisher = new Publisher({
    log,
    removeDead,
    confirmTimeoutMs,
    maxInFlight,
    onStateChange: () => {
      for (const listener of stateListeners) listener();
    },
  });
  const linkOptions = { url, log, connectTimeoutMs };
  const publishLink = await openLink(
    { ...linkOptions, name: 'almanac publisher' },
    {
      onUp: (connection, giveUp) => publisher.attach(connection, giveUp),
      onDown: () => publisher.detach(),
      onBlocked: (blocked) => publisher.setBlocked(blocked),
    },
  );
  const consumeLink = await openLink(
    { ...linkOptions, name: 'almanac consumer' },
    {
      onUp(connection: ChannelModel) {
        const declarer = new Declarer(new AdminChannel(connection, log), log, removeDead);
        host = { connection, declarer, probes: new AdminChannel(connection, log) };
        // Not awaited: one queue that does not answer must not keep the others waiting.
        for (const subscription of subscriptions) void subscription.attach(host);
        return Promise.resolve();
      },
      onDown() {
        host = undefined;
        for (const subscription of subscriptions) subscription.detach();
      },
      onBlocked: () => undefined, // nothing is published here
    },
  ).catch(async (error: unknown) => {
    await publishLink[Symbol.asyncDispose]();
    throw error;
  });

  /** Counts by a passive declaration, which asks and changes nothing. A queue that is not there is made, and is empty. */
  const countReady = async (route: QueueRoute): Promise<number | undefined> => {
    if (host === undefined) return undefined;
    const { declarer, probes } = host;
    const ask = (): Promise<number> =>
      probes.run(async (channel) => (await channel.checkQueue(route.queue)).messageCount);
    const count = ask().catch(async (error: unknown) => {
      if ((error as { code?: unknown }).code !== 404) throw error;
      declarer.forget(route);
      await declarer.ensure(route);
      return ask();
    });
    const unknown = count.catch((error: unknown) => {
      log.debug({ err: error, queue: route.queue }, 'the depth of a queue is not known');
      return undefined;
    });
    return Promise.race([unknown, pause(DEPTH_TIMEOUT_MS, undefined, { ref: false })]);
  };

  return {
    publish: (queue, body, messageId) => publisher.publish(routes.ticket(queue.pool, queue.priority), body, messageId),
    publishDeadLetter(pool, { messageId, cause, body }) {
      const headers = { 'almanac-cause': cause.slice(0, MAX_CAUSE_CHARACTERS) };
      return publisher.publish(deadLetterRoute(pool), body, messageId, headers);
    },
    async consume(queue, prefetch, onDelivery) {
      const route = ticketRoute(queue);
      const onEnd = (ended: Subscription): void => void subscriptions.delete(ended);
      const subscription = new Subscription({ log, route, prefetch, onDelivery, idleRenewalMs, onEnd });
      if (closed) return subscription;
      subscriptions.add(subscription);
      if (host !== undefined) await subscription.attach(host);
      return subscription;
    },
    depth: (queue) => countReady(ticketRoute(queue)),
    deadLetterDepth: (pool) => countReady(deadLetterRoute(pool)),
    isReady: () => publisher.isReady,
    onStateChange(listener) {
      stateListeners.add(listener);
      return () => void stateListeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription[Symbol.asyncDispose]()));
      await publisher.close();
      await Promise.all([publishLink[Symbol.asyncDispose](), consumeLink[Symbol.asyncDispose]()]);
    },
  };
}

/** Building a route makes several objects; a publish should make none. */
function createRouteCache(): {
  ticket(pool: string, priority: Parameters<Broker['depth']>[0]['priority']): QueueRoute;
} {
  const pools = new Map<string, Map<string, QueueRoute>>();
  return {
    ticket(pool, priority) {
      let routes = pools.get(pool);
      if (routes === undefined) pools.set(pool, (routes = new Map<string, QueueRoute>()));
      let route = routes.get(priority);
      if (route === undefined) routes.set(priority, (route = ticketRoute({ pool, priority })));
      return route;
    },
  };
}
