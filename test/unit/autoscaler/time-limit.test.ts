import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';

import { timeLimit } from '../../../autoscaler/time-limit.ts';

const LONG_MS = 60_000;

describe('timeLimit', () => {
  it('aborts with a source, and hands on its reason', () => {
    const source = new AbortController();
    using limit = timeLimit(LONG_MS, new AbortController().signal, source.signal);
    source.abort('enough');
    assert.equal(limit.signal.reason, 'enough');
    assert.equal(limit.isOver(), false);
  });

  it('is aborted from the start when a source is', () => {
    using limit = timeLimit(LONG_MS, AbortSignal.abort('before'));
    assert.equal(limit.signal.reason, 'before');
  });

  it('aborts by itself when the time is over', async () => {
    using limit = timeLimit(1);
    await new Promise((resolve) => limit.signal.addEventListener('abort', resolve));
    assert.equal(limit.isOver(), true);
  });

  it('says that it was its own clock only of itself, not of a limit inside it', async () => {
    using outer = timeLimit(1);
    using inner = timeLimit(LONG_MS, outer.signal);
    await new Promise((resolve) => inner.signal.addEventListener('abort', resolve));
    assert.equal(outer.isOver(), true);
    assert.equal(inner.isOver(), false);
  });

  it('lets go of its sources', () => {
    const source = new AbortController();
    for (let round = 0; round < 3; round += 1) {
      using limit = timeLimit(LONG_MS, source.signal);
      assert.equal(limit.signal.aborted, false);
    }
    assert.equal(getEventListeners(source.signal, 'abort').length, 0);
  });
});
