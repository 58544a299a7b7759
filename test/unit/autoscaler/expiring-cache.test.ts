import assert from 'node:assert/strict';

import { ExpiringCache } from '../../../autoscaler/expiring-cache.ts';

describe('ExpiringCache', () => {
  let nowMs: number;
  let asked: number;
  let cache: ExpiringCache<number>;
  const ask = (): Promise<number> => Promise.resolve((asked += 1));

  beforeEach(() => {
    [nowMs, asked] = [0, 0];
    cache = new ExpiringCache({ keepMs: 10, size: 2, now: () => nowMs });
  });

  it('gives an answer again until its time is over', async () => {
    assert.equal(await cache.get('a', ask), 1);
    nowMs = 9;
    assert.equal(await cache.get('a', ask), 1);
    nowMs = 10;
    assert.equal(await cache.get('a', ask), 2);
  });

  it('asks once for those who come while it asks', async () => {
    assert.deepEqual(await Promise.all([cache.get('a', ask), cache.get('a', ask)]), [1, 1]);
  });

  it('does not keep a failure', async () => {
    await assert.rejects(
      cache.get('a', () => Promise.reject(new Error('away'))),
      /away/,
    );
    assert.equal(await cache.get('a', ask), 1);
  });

  it('forgets the oldest when there are too many', async () => {
    for (const key of ['a', 'b', 'c']) await cache.get(key, ask);
    assert.equal(await cache.get('c', ask), 3);
    assert.equal(await cache.get('b', ask), 2);
    assert.equal(await cache.get('a', ask), 4);
  });
});
