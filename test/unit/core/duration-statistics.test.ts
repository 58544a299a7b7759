import assert from 'node:assert/strict';

import { driftOf, followDrift, isTrusted, latestRuns, longestMs } from '../../../core/duration-statistics.ts';

const KNOWN = { count: 1_000, meanMs: 1_000, varianceMs2: 250_000, p90Ms: 1_700 };
const newest = (count: number, meanMs: number) => ({ ...KNOWN, latest: { count, meanMs } });

describe('durations that drift', () => {
  it('are as ever without word of the newest runs, of which twenty must be known', () => {
    assert.equal(driftOf(KNOWN), 1);
    assert.equal(driftOf(newest(19, 5_000)), 1);
    assert.equal(driftOf({ ...newest(100, 5_000), count: 0 }), 1);
    assert.equal(driftOf({ ...newest(100, 5_000), meanMs: 0 }), 1);
  });

  it('are those whose newest mean is off by a tenth, and by more than chance makes of so few', () => {
    assert.equal(driftOf(newest(10_000, 1_099)), 1);
    assert.equal(driftOf(newest(10_000, 1_101)), 1.101);
    assert.equal(driftOf(newest(10_000, 800)), 0.8);
    // Three standard errors of 25 runs are 300 ms.
    assert.equal(driftOf(newest(25, 1_299)), 1);
    assert.equal(driftOf(newest(25, 1_301)), 1.301);
  });

  it('are planned where the newest runs are', () => {
    assert.equal(followDrift(KNOWN), KNOWN);
    const followed = followDrift(newest(100, 2_000));
    assert.deepEqual([followed.meanMs, followed.varianceMs2, followed.p90Ms], [2_000, 1_000_000, 3_400]);
  });

  it('are no longer trusted, nor are those of fewer than fifty runs', () => {
    assert.ok(isTrusted(KNOWN));
    assert.ok(isTrusted({ ...KNOWN, count: 50 }));
    assert.ok(!isTrusted({ ...KNOWN, count: 49 }));
    assert.ok(!isTrusted(newest(100, 1_400)));
    assert.ok(isTrusted(newest(100, 1_050)));
  });

  it('show in the last minutes, or in the day where few ran in these', () => {
    const runs = (count: number) => ({ count, meanMs: count });
    const [few, enough, today] = [runs(19), runs(20), runs(300)];
    assert.equal(latestRuns(few, today), today);
    assert.equal(latestRuns(enough, today), enough);
  });
});

describe('longestMs', () => {
  it('is what nine of ten long runs stay below', () => {
    const long = { ...KNOWN, meanMs: 20_000, p90Ms: 33_000 };
    assert.equal(longestMs(long), 33_000);
    assert.equal(longestMs({ ...long, p90Ms: 0 }), 20_000);
  });

  it('is not asked of short runs, nor of those that are hardly known', () => {
    assert.equal(longestMs(KNOWN), Infinity);
    assert.equal(longestMs(undefined), Infinity);
    assert.equal(longestMs({ ...KNOWN, count: 9, meanMs: 20_000 }), Infinity);
  });
});
