import { status, type StatusObject } from '@grpc/grpc-js';

import { SECOND_MS } from '../core/duration.ts';
import type { ScaledObjectRef } from './keda-protocol.ts';

/** Why KEDA gets no answer, as a gRPC status. */
export class KedaRefusal extends Error implements Partial<StatusObject> {
  readonly code: status;
  readonly details: string;

  constructor(code: status, details: string) {
    super(details);
    this.code = code;
    this.details = details;
  }
}

export interface Trigger {
  readonly pool: string;
  readonly leadMs: number;
}

const LONGEST_LEAD_S = 24 * 3_600;

/**
 * What the metadata of a trigger ask for: `pool`, and `leadSeconds`, for how long ahead the plan is to be met already now.
 * @throws KedaRefusal when `leadSeconds` is no number from 0 to a day.
 */
export function parseTrigger(reference: ScaledObjectRef | null, defaultPool: string): Trigger {
  const { pool = '', leadSeconds = '' } = reference?.scalerMetadata ?? {};
  const seconds = leadSeconds === '' ? 0 : Number(leadSeconds);
  if (!(seconds >= 0 && seconds <= LONGEST_LEAD_S))
    throw new KedaRefusal(
      status.INVALID_ARGUMENT,
      `leadSeconds is a number of seconds from 0 to ${LONGEST_LEAD_S}, not "${leadSeconds}".`,
    );
  return { pool: pool === '' ? defaultPool : pool, leadMs: seconds * SECOND_MS };
}
