import assert from 'node:assert/strict';

import {
  ConflictError,
  DomainError,
  InvalidInputError,
  LeaseLostError,
  NotFoundError,
  RevisionMismatchError,
  UnavailableError,
} from '../../../core/errors.ts';

describe('domain errors', () => {
  it('have a stable code, their own name, and a word on trying again', () => {
    const errors: readonly [DomainError, string, boolean][] = [
      [new InvalidInputError([]), 'invalid_input', false],
      [new NotFoundError('task', '7'), 'not_found', false],
      [new ConflictError('The task is paused.'), 'conflict', false],
      [new RevisionMismatchError(1, 2), 'revision_mismatch', false],
      [new LeaseLostError('7'), 'lease_lost', false],
      [new UnavailableError('The database does not answer.'), 'unavailable', true],
    ];
    for (const [error, code, retryable] of errors) {
      assert.ok(error instanceof DomainError);
      assert.equal(error.code, code);
      assert.equal(error.retryable, retryable);
      assert.equal(error.name, error.constructor.name);
    }
  });

  it('say what happened, with the path of each bad field, and keep their cause', () => {
    const error = new InvalidInputError([
      { path: 'schedule.at', message: 'expected an instant' },
      { path: '', message: 'expected an object' },
    ]);
    assert.equal(error.message, 'schedule.at: expected an instant; expected an object');
    assert.match(new NotFoundError('task', '7').message, /no task 7/);
    assert.match(new RevisionMismatchError(1, 2).message, /revision 2, not 1/);
    const cause = new Error('ECONNREFUSED');
    assert.equal(new UnavailableError('away', { cause }).cause, cause);
  });
});
