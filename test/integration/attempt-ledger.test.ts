import assert from 'node:assert/strict';

import { type AttemptStore, createAttemptStore } from '../../db/attempt-store.ts';
import { type ClaimedOccurrence, createClaimStore } from '../../db/claim-store.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { AttemptLedger } from '../../processor/attempt-ledger.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createReadyDatabase, type ReadyDatabase } from '../support/database.ts';

describe('AttemptLedger', () => {
  const log = createLogger('test', 'silent');
  let ready: ReadyDatabase;
  let attempts: AttemptStore;
  let processorId: string;
  let claimed: ClaimedOccurrence[];

  beforeEach(async () => {
    ready = await createReadyDatabase();
    attempts = createAttemptStore(ready.database);
    await ready.createTask({});
    processorId = await createReplicaStore(ready.database).register({
      service: 'processor',
      name: 'p',
      pool: 'default',
      slots: 1,
      leaseMs: 60_000,
      requestedMs: null,
    });
    claimed = await createClaimStore(ready.database).claimDue(10, 0, 30_000, processorId);
    assert.equal(claimed.length, 1);
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  const statusNow = async (): Promise<string | undefined> => (await ready.occurrences())[0]?.status;

  it('hands back an attempt whose start was committed and never answered, at the second look and without cost', async () => {
    const answerLost: AttemptStore = {
      ...attempts,
      async start(...request) {
        await attempts.start(...request);
        throw new Error('Connection terminated');
      },
    };
    const ledger = new AttemptLedger(answerLost, { id: processorId, name: 'p' }, log);
    await assert.rejects(ledger.start(claimed, processorId), /terminated/);
    assert.equal(await statusNow(), 'Running');

    await ledger.reconcile();
    assert.equal(await statusNow(), 'Running', 'one look may have come between a start and its answer');
    await ledger.reconcile();
    assert.equal(await statusNow(), 'Scheduled');
    const [run] = await ready.runs();
    assert.equal(run?.outcome, 'interrupted');
    assert.deepEqual(await ready.query('select * from running_tasks'), []);
    const [row] = await ready.query<{ attempt: number; attempt_base: number }>(
      'select attempt, attempt_base from task_schedule',
    );
    assert.deepEqual(row, { attempt: 1, attempt_base: 1 });
  });

  it('leaves alone what is in hand, however often it looks', async () => {
    const ledger = new AttemptLedger(attempts, { id: processorId, name: 'p' }, log);
    const { started } = await ledger.start(claimed, processorId);
    for (let look = 0; look < 3; look += 1) await ledger.reconcile();
    assert.equal(await statusNow(), 'Running');
    const [attempt] = started;
    assert.ok(attempt !== undefined);
    ledger.close(attempt);
  });

  it('leaves alone what a start that has not been answered yet may explain', async () => {
    let answer: (() => void) | undefined;
    const slow: AttemptStore = {
      ...attempts,
      async start(...request) {
        const result = await attempts.start(...request);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return result;
      },
    };
    const ledger = new AttemptLedger(slow, { id: processorId, name: 'p' }, log);
    const starting = ledger.start(claimed, processorId);
    while (answer === undefined) await ready.query('select 1');
    for (let look = 0; look < 3; look += 1) await ledger.reconcile();
    assert.equal(await statusNow(), 'Running');
    answer();
    await starting;
    for (let look = 0; look < 3; look += 1) await ledger.reconcile();
    assert.equal(await statusNow(), 'Running');
  });
});
