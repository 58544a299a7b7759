import assert from 'node:assert/strict';

import { explainPostgresFailure, isPortTaken } from '../../../bin/postgres-failure.ts';
import { StartError } from '../../../bin/start-error.ts';

const context = { dataDir: '/srv/almanac/postgres', logFile: '/srv/almanac/postgres.log' };
const explain = (output: string): string => explainPostgresFailure(output, context).message;

describe('explainPostgresFailure', () => {
  it('says that the disk is full', () => {
    const output = 'FATAL:  could not write lock file "postmaster.pid": No space left on device';
    assert.match(explain(output), /The disk that holds \/srv\/almanac\/postgres is full/);
  });

  it('names both versions when the data was made by another PostgreSQL', () => {
    const output = `FATAL:  database files are incompatible with server
DETAIL:  The data directory was initialized by PostgreSQL version 17, which is not compatible with this version 18.4.`;
    assert.match(explain(output), /made by PostgreSQL 17, and this Almanac brings PostgreSQL 18:/);
  });

  it('says that the folder belongs to somebody else', () => {
    const output = `FATAL:  data directory "/srv/almanac/postgres" has wrong ownership`;
    assert.match(explain(output), /belongs to another user/);
  });

  it('says that another server uses the folder', () => {
    const output = `FATAL:  lock file "postmaster.pid" already exists`;
    assert.match(explain(output), /Another PostgreSQL uses/);
  });

  it('quotes the last words and names the log when it does not know the cause', () => {
    const output = '2026-11-21 07:00:00.000 UTC [1] FATAL:  something new\n2026-11-21 07:00:00.001 UTC [1] LOG:  bye';
    const error = explainPostgresFailure(output, context);
    assert.ok(error instanceof StartError);
    assert.match(error.message, /FATAL: {2}something new\. Its log is \/srv\/almanac\/postgres\.log/);
  });

  it('names the log when there were no last words', () => {
    assert.match(explain(''), /does not start\. Its log is/);
  });
});

describe('isPortTaken', () => {
  it('knows a port that was taken from every other cause', () => {
    const taken = `LOG:  could not bind IPv4 address "127.0.0.1": Address already in use
FATAL:  could not create any TCP/IP sockets`;
    assert.equal(isPortTaken(taken), true);
    assert.equal(isPortTaken('FATAL:  lock file "postmaster.pid" already exists'), false);
  });
});
