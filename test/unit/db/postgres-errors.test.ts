import assert from 'node:assert/strict';

import { UnavailableError } from '../../../core/errors.ts';
import { isUnavailable, isWorthRepeating, postgresFailure, withDatabase } from '../../../db/postgres-errors.ts';

const failure = (code: string, more: object = {}): Error => Object.assign(new Error('failed'), { code, ...more });

describe('isUnavailable', () => {
  it('knows a server that is away, starting, stopping, full or too busy', () => {
    for (const code of ['57P01', '57P03', '53300', '53100', '57014', '55P03', '08006', '40P01']) {
      assert.ok(isUnavailable(failure(code)), code);
    }
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE'])
      assert.ok(isUnavailable(failure(code)), code);
    assert.ok(isUnavailable(new Error('Connection terminated unexpectedly')));
    assert.ok(isUnavailable(new Error('timeout exceeded when trying to connect')));
    assert.ok(isUnavailable(new AggregateError([failure('ECONNREFUSED'), failure('ECONNREFUSED')])));
    assert.ok(isUnavailable(failure('ENOENT', { syscall: 'connect' })));
  });

  it('looks through the wrapper of TypeORM', () => {
    assert.ok(isUnavailable(Object.assign(new Error('query failed'), { driverError: failure('57P01') })));
  });

  it('does not take our own mistakes for it', () => {
    for (const error of [
      failure('23505'),
      failure('22P02'),
      failure('42601'),
      failure('ENOENT', { syscall: 'open' }),
      new TypeError('x'),
      null,
      'x',
    ]) {
      assert.ok(!isUnavailable(error));
    }
  });
});

describe('postgresFailure', () => {
  it('names the constraint, and no state for an error of the system', () => {
    assert.deepEqual(postgresFailure(failure('23505', { constraint: 'tasks_key' })), {
      sqlState: '23505',
      constraint: 'tasks_key',
    });
    assert.deepEqual(postgresFailure(failure('ECONNREFUSED')), { sqlState: undefined, constraint: undefined });
  });
});

describe('withDatabase', () => {
  it('repeats what lost a deadlock, and gives up after the third time', async () => {
    let rounds = 0;
    const losing = (times: number) => () => {
      rounds += 1;
      return rounds <= times ? Promise.reject(failure('40P01')) : Promise.resolve('done');
    };
    assert.equal(await withDatabase(losing(2)), 'done');
    assert.equal(rounds, 3);
    rounds = 0;
    await assert.rejects(withDatabase(losing(99)), UnavailableError);
    assert.equal(rounds, 3);
    assert.ok(isWorthRepeating(failure('40001')));
  });

  it('says that the database is away, with the cause, and passes on every other error as it is', async () => {
    const cause = failure('57P03');
    await assert.rejects(
      withDatabase(() => Promise.reject(cause)),
      (error) => error instanceof UnavailableError && error.cause === cause,
    );
    const other = failure('23505');
    await assert.rejects(
      withDatabase(() => Promise.reject(other)),
      (error) => error === other,
    );
  });
});
