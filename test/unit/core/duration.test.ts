import assert from 'node:assert/strict';

import { DAY_MS, startOfUtcDayMs } from '../../../core/duration.ts';

describe('startOfUtcDayMs', () => {
  it('is the midnight before, or the very instant', () => {
    const midnight = Date.UTC(2026, 10, 21);
    assert.equal(startOfUtcDayMs(midnight), midnight);
    assert.equal(startOfUtcDayMs(midnight + DAY_MS - 1), midnight);
    assert.equal(startOfUtcDayMs(-1), -DAY_MS);
  });
});
