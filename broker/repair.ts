import { setTimeout as pause } from 'node:timers/promises';

import { type Channel, type ChannelModel } from 'amqplib';

/** How long a living queue may take to answer "have you got a message?". */
const ANSWER_TIMEOUT_MS = 4_000;
/** RabbitMQ itself waits 5 s for a leader before it deletes without one. */
const DELETE_TIMEOUT_MS = 15_000;

/**
 * Deletes a queue that exists and yet answers nobody, so that it can be declared anew; resolves to whether it did.
 * RabbitMQ 3.10 can lose a quorum queue that was declared moments before a crash: after the restart it takes publishes and consumers, and
 * never answers them. Only a queue that shows no message and no consumer is deleted; whatever tickets it held, the database issues again.
 * `open` gives a connection of its own for each step, since RabbitMQ drops a connection that waits on such a queue.
 */
export async function removeDeadQueue(
  open: () => Promise<ChannelModel>,
  close: (connection: ChannelModel) => Promise<void>,
  queue: string,
): Promise<boolean> {
  const onOwnConnection = async <T>(work: (channel: Channel) => Promise<T>): Promise<T> => {
    const connection = await open();
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined); // the pending call rejects with it
      return await work(channel);
    } finally {
      void close(connection);
    }
  };
  const isDead = await onOwnConnection(async (channel) => {
    const shown = await channel.checkQueue(queue).catch(() => undefined);
    if (shown === undefined || shown.messageCount > 0 || shown.consumerCount > 0) return false;
    const answered = channel.get(queue).then((message) => {
      if (message !== false) channel.nack(message);
      return true;
    });
    return !(await within(ANSWER_TIMEOUT_MS, answered.catch(isNotInternalError), false));
  });
  if (!isDead) return false;
  return onOwnConnection((channel) =>
    within(
      DELETE_TIMEOUT_MS,
      channel.deleteQueue(queue).then(() => true),
      false,
    ),
  );
}

/** A refusal is an answer too; an internal error of RabbitMQ, or a connection that it dropped, is not. */
function isNotInternalError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'number' && code !== 541;
}

async function within<T>(timeoutMs: number, promise: Promise<T>, otherwise: T): Promise<T> {
  const timer = new AbortController();
  const late = pause(timeoutMs, otherwise, { signal: timer.signal }).catch(() => otherwise);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    promise.catch(() => undefined); // it may still fail after its time
  }
}
