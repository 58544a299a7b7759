import assert from 'node:assert/strict';

import { createReferenceClock } from '../../../runtime/reference-clock.ts';

describe('the reference clock', () => {
  it("follows the clock that it asks, however far the system's clock is off", async () => {
    const offsetMs = 86_400_000 * 365;
    const clock = createReferenceClock(() => Promise.resolve(performance.now() + offsetMs));
    await clock.synchronise();
    const before = performance.now();
    const there = clock.nowMs();
    const after = performance.now();
    assert.ok(there >= before + offsetMs - 50 && there <= after + offsetMs + 50);
  });

  it('believes the quickest answer', async () => {
    let asked = 0;
    const clock = createReferenceClock(async () => {
      asked += 1;
      if (asked === 3) return performance.now() + 1_000;
      const there = performance.now() + 9_000_000; // a slow answer, and a wrong one
      await new Promise((resolve) => setTimeout(resolve, 5));
      return there;
    });
    await clock.synchronise();
    assert.ok(Math.abs(clock.nowMs() - (performance.now() + 1_000)) < 100);
  });

  it('keeps what it knew when the other clock can not be read', async () => {
    let fails = false;
    const clock = createReferenceClock(() =>
      fails ? Promise.reject(new Error('away')) : Promise.resolve(performance.now() + 5_000),
    );
    await clock.synchronise();
    fails = true;
    await assert.rejects(clock.synchronise(), /away/);
    assert.ok(Math.abs(clock.nowMs() - (performance.now() + 5_000)) < 100);
  });
});
