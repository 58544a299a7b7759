import assert from 'node:assert/strict';

import { backoffMs } from '../../../broker/backoff.ts';

describe('backoffMs', () => {
  it('doubles from 100 ms and stops growing at 5 s', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 100, 10_000].map((failures) => backoffMs(failures, 0) * 2);
    assert.deepEqual(ceilings, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000]);
  });

  it('draws from the upper half, so that many processes do not come back at once', () => {
    assert.equal(backoffMs(4, 0), 400);
    assert.equal(backoffMs(4, 0.5), 600);
    assert.ok(backoffMs(4, 0.999_999) < 800);
  });
});
