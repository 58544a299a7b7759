import { EntitySchema } from 'typeorm';

import type { RetryPolicy } from '../../core/retry.ts';

/** A kind of work, as its handler registered it. Durations in ms. */
export interface TaskTypeRow {
  name: string;
  title: string;
  description: string;
  pool: string;
  timeoutMs: number;
  retry: RetryPolicy;
  estimateMs: number;
  payloadSchema: Record<string, unknown>;
  examplePayload: Record<string, unknown>;
  enabled: boolean;
}

export const taskTypeEntity = new EntitySchema<TaskTypeRow>({
  name: 'TaskType',
  tableName: 'task_types',
  columns: {
    name: { type: 'text', primary: true },
    title: { type: 'text' },
    description: { type: 'text' },
    pool: { type: 'text' },
    timeoutMs: { type: 'integer', name: 'timeout_ms' },
    retry: { type: 'jsonb' },
    estimateMs: { type: 'double precision', name: 'estimate_ms' },
    payloadSchema: { type: 'jsonb', name: 'payload_schema' },
    examplePayload: { type: 'jsonb', name: 'example_payload' },
    enabled: { type: 'boolean' },
  },
});
