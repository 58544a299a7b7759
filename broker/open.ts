import { type Logger } from '../runtime/logger.ts';
import { type Broker } from './broker.ts';
import { openEmbeddedBroker } from './embedded.ts';
import { openRabbitMq } from './rabbitmq.ts';

/**
 * The broker that the configuration names: RabbitMQ when there is a URL, else the one inside this process.
 * @throws InvalidInputError for a bad URL, UnavailableError when RabbitMQ can not be reached at the first start. Both say what to do, and
 * neither shows the password.
 */
export async function openBroker(options: {
  readonly amqpUrl: string | undefined;
  readonly log: Logger;
}): Promise<Broker> {
  return options.amqpUrl === undefined
    ? openEmbeddedBroker()
    : openRabbitMq({ url: options.amqpUrl, log: options.log });
}
