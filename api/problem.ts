import { STATUS_CODES } from 'node:http';

import {
  ConflictError,
  DomainError,
  type FieldError,
  InvalidInputError,
  NotFoundError,
  RevisionMismatchError,
  UnavailableError,
} from '../core/errors.ts';
import { isUnavailable } from '../db/postgres-errors.ts';
import type { Problem } from './contract/common.ts';

/** A refusal that only HTTP knows: a route, a method, a header, a body that is no JSON. `detail` may be read by the client. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly FieldError[];

  constructor(
    status: number,
    code: string,
    detail: string,
    extra: { headers?: Readonly<Record<string, string>>; errors?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(detail, { cause: extra.cause });
    this.name = 'HttpProblem';
    this.status = status;
    this.code = code;
    this.headers = extra.headers ?? {};
    this.errors = extra.errors ?? [];
  }
}

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** What a client is told of an error. Of one that is nobody's fault but ours, it gets the request id and no details. */
export function problemOf(error: unknown, requestId: string): ProblemAnswer {
  const { status, code, detail, headers = {}, errors = [] } = describe(error);
  return {
    status,
    headers,
    body: {
      type: `urn:almanac:problem:${code}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail,
      code,
      requestId,
      ...(errors.length > 0 && { errors: errors.map(({ path, message }) => ({ path, message })) }),
    },
  };
}

interface Description {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly FieldError[];
}

function describe(error: unknown): Description {
  if (error instanceof HttpProblem) {
    return {
      status: error.status,
      code: error.code,
      detail: error.message,
      headers: error.headers,
      errors: error.errors,
    };
  }
  if (error instanceof DomainError) return describeDomainError(error);
  if (isUnavailable(error)) return describeDomainError(new UnavailableError('The database does not answer.'));
  return { status: 500, code: 'internal', detail: 'Something went wrong in the server. Its log has the request id.' };
}

function describeDomainError(error: DomainError): Description {
  const { code, message: detail } = error;
  if (error instanceof InvalidInputError) {
    return {
      status: 422,
      code,
      detail: 'The request is well-formed but has errors; nothing was written.',
      errors: error.errors,
    };
  }
  if (error instanceof NotFoundError) return { status: 404, code, detail };
  if (error instanceof ConflictError) return { status: 409, code, detail };
  if (error instanceof RevisionMismatchError) return { status: 412, code, detail };
  if (error instanceof UnavailableError) {
    return { status: 503, code, detail: `${detail} Try again in a moment.`, headers: { 'Retry-After': '5' } };
  }
  return { status: 500, code, detail: 'Something went wrong in the server. Its log has the request id.' };
}
