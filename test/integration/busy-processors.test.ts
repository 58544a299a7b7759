import assert from 'node:assert/strict';

import { createAttemptStore } from '../../db/attempt-store.ts';
import { readBusyProcessors } from '../../db/busy-processors.ts';
import { createClaimStore } from '../../db/claim-store.ts';
import { createReplicaStore } from '../../db/replica-store.ts';
import { createReadyDatabase, type ReadyDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

describe('readBusyProcessors', () => {
  let ready: ReadyDatabase;

  beforeEach(async () => {
    ready = await createReadyDatabase();
  });
  afterEach(() => ready[Symbol.asyncDispose]());

  async function register(name: string, pool: string): Promise<string> {
    const more = { service: 'processor' as const, slots: 4, leaseMs: 60_000, requestedMs: null };
    return createReplicaStore(ready.database).register({ ...more, name, pool });
  }

  /** Lets a processor start all that is due. */
  async function startAll(processorId: string): Promise<number> {
    const keyed = await ready.open('keyed', 2);
    const claimed = await createClaimStore(keyed).claimDue(100, 0, 60_000, processorId);
    return (await createAttemptStore(keyed).start(claimed, processorId)).started.length;
  }

  const estimate = (ms: number): Promise<unknown> =>
    ready.database.dataSource.query(`update task_types set estimate_ms = $1 where name = 'noop'`, [ms]);

  it('adds up what is planned to be left of all that a processor runs, and leaves idle ones out', async () => {
    const [busy] = [await register('processor-pod-a-1', 'default'), await register('processor-pod-b-1', 'default')];
    for (let index = 0; index < 3; index += 1) await ready.createTask({ taskType: 'noop', payload: {} });
    await estimate(600_000);
    assert.equal(await startAll(busy), 3);
    const [found, ...others] = await readBusyProcessors(ready.database, 'default');
    assert.deepEqual(others, []);
    assert.equal(found?.name, 'processor-pod-a-1');
    assert.ok(found.remainingMs > 3 * 500_000 && found.remainingMs < 3 * 600_000, String(found.remainingMs));
    assert.deepEqual(await readBusyProcessors(ready.database, 'other'), []);
  });

  it('plans nothing more for what has run longer than planned, and still calls it busy', async () => {
    const busy = await register('processor-pod-a-1', 'default');
    await ready.createTask({ taskType: 'noop', payload: {} });
    await estimate(1);
    assert.equal(await startAll(busy), 1);
    await eventually(async () => (await readBusyProcessors(ready.database, 'default'))[0]?.remainingMs === 0);
  });
});
