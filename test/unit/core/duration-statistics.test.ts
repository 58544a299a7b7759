import assert from 'node:assert/strict';

import { followDrift, isTrusted, longestMs } from '../../../core/duration-statistics.ts';

const KNOWN = { count: 1_000, meanMs: 1_000, varianceMs2: 250_000, p90Ms: 1_700 };

describe('followDrift', () => {
  it('moves all of it to where the newest runs are', () => {
    assert.equal(followDrift(KNOWN), KNOWN);
    const followed = followDrift({ ...KNOWN, drift: 2 });
    assert.deepEqual([followed.meanMs, followed.varianceMs2, followed.p90Ms], [2_000, 1_000_000, 3_400]);
    assert.equal(followDrift(followed), followed, 'once');
  });
});

describe('isTrusted', () => {
  it('is what fifty runs earn, and drift takes away', () => {
    assert.ok(isTrusted(KNOWN));
    assert.ok(isTrusted({ ...KNOWN, count: 50 }));
    assert.ok(!isTrusted({ ...KNOWN, count: 49 }));
    assert.ok(!isTrusted({ ...KNOWN, drift: 1.4 }));
    assert.ok(!isTrusted({ ...KNOWN, drift: 0.6 }));
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
