/** A failure with a stable `code` for programs, a sentence for people, and a word on whether trying again can help. */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** One thing wrong with one part of an input. `path` is dotted, as in `schedule.expressions.0`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** The input is well-formed but does not mean anything we can do. Nothing was written. */
export class InvalidInputError extends DomainError {
  readonly code = 'invalid_input';
  readonly retryable = false;
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[], options?: ErrorOptions) {
    super(
      errors.map((error) => (error.path === '' ? error.message : `${error.path}: ${error.message}`)).join('; '),
      options,
    );
    this.errors = errors;
  }
}

/** The thing named by an id is not there, or not there any more. */
export class NotFoundError extends DomainError {
  readonly code = 'not_found';
  readonly retryable = false;

  constructor(what: string, id: string) {
    super(`There is no ${what} ${id}.`);
  }
}

/** The request contradicts the present state; `message` says which state that is. */
export class ConflictError extends DomainError {
  readonly code = 'conflict';
  readonly retryable = false;
}

/** Somebody else changed the task, or what else has revisions, since it was read. */
export class RevisionMismatchError extends DomainError {
  readonly code = 'revision_mismatch';
  readonly retryable = false;

  constructor(expected: number, actual: number, what = 'task') {
    super(
      `The ${what} was changed by somebody else: it is at revision ${actual}, not ${expected}. Read it again, then edit.`,
    );
  }
}

/** A replica's lease has ended on the database's clock: what it held belongs to others now, and it may take nothing new. */
export class LeaseLostError extends DomainError {
  readonly code = 'lease_lost';
  readonly retryable = false;

  constructor(replicaId: string) {
    super(`The lease of replica ${replicaId} has ended, so nothing was started.`);
  }
}

/** A service we depend on did not answer; the same request may work in a moment. */
export class UnavailableError extends DomainError {
  readonly code = 'unavailable';
  readonly retryable = true;
}
