import { fileURLToPath } from 'node:url';

import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** KEDA's own contract: the present one, and the last before it had floats and streamed specifications. What the product's own file says does not count here. */
export type KedaVersion = '2.21.0' | '2.12.0';

export interface MetricSpec {
  readonly metricName: string;
  readonly targetSize: number;
  readonly targetSizeFloat?: number;
}

export interface MetricValue {
  readonly metricName: string;
  readonly metricValue: number;
  readonly metricValueFloat?: number;
}

/** What is heard on a stream. */
export interface Heard<T> {
  readonly messages: T[];
  /** The status with which the stream ended; 0 is a clean end. */
  readonly ended: Promise<number>;
  cancel(): void;
}

/** The side of KEDA's operator, over a real connection. */
export interface KedaClient extends AsyncDisposable {
  isActive(): Promise<boolean>;
  metricSpecs(): Promise<MetricSpec[]>;
  /** The metric by the name that `metricSpecs` gave it. */
  metrics(metricName: string): Promise<MetricValue[]>;
  streamIsActive(): Heard<boolean>;
  streamMetricSpecs(): Heard<MetricSpec[]>;
}

export function openKedaClient(
  address: string,
  credentials: ChannelCredentials,
  scalerMetadata: Readonly<Record<string, string>> = {},
  version: KedaVersion = '2.21.0',
): KedaClient {
  const service = loadContract(version);
  const client = new Client(address, credentials);
  const reference = { name: 'almanac', namespace: 'lab', scalerMetadata };
  const method = (name: string) => {
    const found = service[name];
    if (found === undefined) throw new Error(`The contract has no ${name}.`);
    return found;
  };
  const unary = <T>(name: string, field: string, request: object): Promise<T> => {
    const { path, requestSerialize, responseDeserialize } = method(name);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
        if (error === null) resolve((response as Readonly<Record<string, T>>)[field] as T);
        else reject(error);
      });
    });
  };
  const streaming = <T>(name: string, field: string): Heard<T> => {
    const { path, requestSerialize, responseDeserialize } = method(name);
    const stream = client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      reference,
    ) as ClientReadableStream<Readonly<Record<string, T>>>;
    const messages: T[] = [];
    stream.on('data', (message: Readonly<Record<string, T>>) => messages.push(message[field] as T));
    const ended = new Promise<number>((resolve) => {
      stream.once('error', (error: ServiceError) => resolve(error.code));
      stream.once('end', () => resolve(0));
    });
    return { messages, ended, cancel: () => stream.cancel() };
  };
  return {
    isActive: () => unary('IsActive', 'result', reference),
    metricSpecs: () => unary('GetMetricSpec', 'metricSpecs', reference),
    metrics: (metricName) => unary('GetMetrics', 'metricValues', { scaledObjectRef: reference, metricName }),
    streamIsActive: () => streaming('StreamIsActive', 'result'),
    streamMetricSpecs: () => streaming('StreamMetricSpec', 'metricSpecs'),
    [Symbol.asyncDispose]() {
      client.close();
      return Promise.resolve();
    },
  };
}

function loadContract(version: KedaVersion): ServiceDefinition {
  const file = fileURLToPath(new URL(`../../../test/support/keda/externalscaler-${version}.proto`, import.meta.url));
  const loaded = loadSync(file, { keepCase: true, longs: Number, defaults: true });
  return loaded['externalscaler.ExternalScaler'] as unknown as ServiceDefinition;
}
