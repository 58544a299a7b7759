import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The contract as KEDA publishes it now, written down a second time: what the product's own file says does not count here. */
export const PRESENT_PROTO = `
syntax = "proto3";
package externalscaler;

service ExternalScaler {
    rpc IsActive(ScaledObjectRef) returns (IsActiveResponse) {}
    rpc StreamIsActive(ScaledObjectRef) returns (stream IsActiveResponse) {}
    rpc GetMetricSpec(ScaledObjectRef) returns (GetMetricSpecResponse) {}
    rpc GetMetrics(GetMetricsRequest) returns (GetMetricsResponse) {}
    rpc StreamMetricSpec(ScaledObjectRef) returns (stream GetMetricSpecResponse) {}
}
message ScaledObjectRef { string name = 1; string namespace = 2; map<string, string> scalerMetadata = 3; }
message IsActiveResponse { bool result = 1; }
message GetMetricSpecResponse { repeated MetricSpec metricSpecs = 1; }
message MetricSpec { string metricName = 1; int64 targetSize = 2; double targetSizeFloat = 3; }
message GetMetricsRequest { ScaledObjectRef scaledObjectRef = 1; string metricName = 2; }
message GetMetricsResponse { repeated MetricValue metricValues = 1; }
message MetricValue { string metricName = 1; int64 metricValue = 2; double metricValueFloat = 3; }
`;

/** The contract before it had floats and streamed specs. */
export const OLD_PROTO = `
syntax = "proto3";
package externalscaler;

service ExternalScaler {
    rpc IsActive(ScaledObjectRef) returns (IsActiveResponse) {}
    rpc StreamIsActive(ScaledObjectRef) returns (stream IsActiveResponse) {}
    rpc GetMetricSpec(ScaledObjectRef) returns (GetMetricSpecResponse) {}
    rpc GetMetrics(GetMetricsRequest) returns (GetMetricsResponse) {}
}
message ScaledObjectRef { string name = 1; string namespace = 2; map<string, string> scalerMetadata = 3; }
message IsActiveResponse { bool result = 1; }
message GetMetricSpecResponse { repeated MetricSpec metricSpecs = 1; }
message MetricSpec { string metricName = 1; int64 targetSize = 2; }
message GetMetricsRequest { ScaledObjectRef scaledObjectRef = 1; string metricName = 2; }
message GetMetricsResponse { repeated MetricValue metricValues = 1; }
message MetricValue { string metricName = 1; int64 metricValue = 2; }
`;

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

export async function openKedaClient(
  address: string,
  credentials: ChannelCredentials,
  scalerMetadata: Readonly<Record<string, string>> = {},
  proto = PRESENT_PROTO,
): Promise<KedaClient> {
  const service = await compile(proto);
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

async function compile(proto: string): Promise<ServiceDefinition> {
  const directory = await mkdtemp(join(tmpdir(), 'almanac-proto-'));
  try {
    const file = join(directory, 'externalscaler.proto');
    await writeFile(file, proto);
    const loaded = loadSync(file, { keepCase: true, longs: Number, defaults: true });
    return loaded['externalscaler.ExternalScaler'] as unknown as ServiceDefinition;
  } finally {
    await rm(directory, { recursive: true });
  }
}
