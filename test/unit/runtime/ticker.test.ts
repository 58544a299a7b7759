import assert from 'node:assert/strict';

import { rest, runTicker, Wake } from '../../../runtime/ticker.ts';

const NEVER_MS = 1_000_000;

describe('runTicker', () => {
  it('runs at once, and again without a rest while there is more', async () => {
    const stop = new AbortController();
    let ticks = 0;
    await runTicker(
      () => {
        ticks += 1;
        if (ticks === 3) stop.abort();
        return Promise.resolve(true);
      },
      { periodMs: NEVER_MS, signal: stop.signal, onError: refuse },
    );
    assert.equal(ticks, 3);
  });

  it('goes on after a bad turn, and tells of it', async () => {
    const stop = new AbortController();
    const errors: unknown[] = [];
    const bad = new Error('bad turn');
    await runTicker(
      () => {
        if (errors.length < 2) throw bad;
        stop.abort();
        return Promise.resolve(false);
      },
      { periodMs: 1, signal: stop.signal, onError: (error) => errors.push(error) },
    );
    assert.deepEqual(errors, [bad, bad]);
  });

  it('does not begin when it is stopped already, and keeps silent about a turn that the stop broke', async () => {
    await runTicker(() => assert.fail('a turn'), { periodMs: 1, signal: AbortSignal.abort(), onError: refuse });
    const stop = new AbortController();
    await runTicker(
      () => {
        stop.abort();
        return Promise.reject(new Error('because of the stop'));
      },
      { periodMs: 1, signal: stop.signal, onError: refuse },
    );
  });

  it('hears a bell that rang while it worked, once', async () => {
    const stop = new AbortController();
    const wake = new Wake();
    let ticks = 0;
    const running = runTicker(
      () => {
        ticks += 1;
        if (ticks === 1) {
          wake.ring();
          wake.ring();
        }
        return Promise.resolve(false);
      },
      { periodMs: NEVER_MS, signal: stop.signal, wake, onError: refuse },
    );
    await turns(20);
    assert.equal(ticks, 2);
    wake.ring();
    await turns(20);
    assert.equal(ticks, 3);
    stop.abort();
    await running;
    assert.equal(ticks, 3);
  });
});

describe('rest', () => {
  it('ends with its time, with the signal, or with the bell, and leaves no listener on the signal', async () => {
    const stop = new AbortController();
    const wake = new Wake();
    await rest(1, stop.signal, wake);
    wake.ring();
    await rest(NEVER_MS, stop.signal, wake);
    const resting = rest(NEVER_MS, stop.signal, wake);
    stop.abort();
    await resting;
    await rest(NEVER_MS, stop.signal, wake);
  });
});

describe('Wake', () => {
  it('keeps a ring for the next rest although the rest before had ended by itself', async () => {
    const stop = new AbortController();
    const wake = new Wake();
    await rest(1, stop.signal, wake);
    wake.ring();
    await turns(3);
    await rest(NEVER_MS, stop.signal, wake);
  });
});

function refuse(error: unknown): never {
  assert.fail(String(error));
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
