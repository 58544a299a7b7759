import { fileURLToPath } from 'node:url';

import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

// The messages of proto/externalscaler.proto, as the loader gives them with `keepCase`, `longs: Number` and `defaults`.

export interface ScaledObjectRef {
  readonly name: string;
  readonly namespace: string;
  readonly scalerMetadata: Readonly<Record<string, string>>;
}

export interface IsActiveResponse {
  readonly result: boolean;
}

export interface GetMetricSpecResponse {
  readonly metricSpecs: readonly {
    readonly metricName: string;
    readonly targetSize: number;
    readonly targetSizeFloat: number;
  }[];
}

export interface GetMetricsRequest {
  readonly scaledObjectRef: ScaledObjectRef | null;
  readonly metricName: string;
}

export interface GetMetricsResponse {
  readonly metricValues: readonly {
    readonly metricName: string;
    readonly metricValue: number;
    readonly metricValueFloat: number;
  }[];
}

/** Two levels above the compiled file is the checkout or installation. */
const PROTO_FILE = fileURLToPath(new URL('../../autoscaler/proto/externalscaler.proto', import.meta.url));

export function loadExternalScaler(): ServiceDefinition {
  const loaded = loadSync(PROTO_FILE, { keepCase: true, longs: Number, defaults: true });
  return loaded['externalscaler.ExternalScaler'] as unknown as ServiceDefinition;
}
