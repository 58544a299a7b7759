import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';

import type { Heartbeat } from '../../../db/replica-store.ts';
import { keepLease } from '../../../processor/lease.ts';
import { createLogger } from '../../../runtime/logger.ts';
import { Wake } from '../../../runtime/ticker.ts';
import { eventually } from '../../support/eventually.ts';

const HEARTBEAT: Heartbeat = { status: 'ready', running: 0, unreadableMessages: 0 };

describe('keepLease', () => {
  const keep = (leaseMs: number, renew: () => Promise<boolean>, signal: AbortSignal, wake = new Wake()) =>
    keepLease(
      { replicas: { heartbeat: renew }, log: createLogger('test', 'silent'), heartbeat: () => HEARTBEAT, wake },
      { replicaId: '1', leaseMs },
      signal,
    );

  it('renews again and again until it is told to end', async () => {
    const stop = new AbortController();
    let renewals = 0;
    const ended = keep(
      10,
      () => {
        renewals += 1;
        if (renewals === 5) stop.abort();
        return Promise.resolve(true);
      },
      stop.signal,
    );
    assert.equal(await ended, 'ended');
    assert.equal(renewals, 5);
  });

  it('leaves nothing of its renewals on the signal', async () => {
    const stop = new AbortController();
    const wake = new Wake();
    let renewals = 0;
    const renew = (): Promise<boolean> => Promise.resolve((renewals += 1) > 0);
    const ended = keep(10_000_000, renew, stop.signal, wake);
    for (let wanted = 1; wanted <= 20; wanted += 1) {
      wake.ring();
      await eventually(() => renewals === wanted);
    }
    await eventually(() => getEventListeners(stop.signal, 'abort').length === 1); // of the rest until the next one
    stop.abort();
    assert.equal(await ended, 'ended');
  });

  it('is lost when the database says so', async () => {
    assert.equal(await keep(10, () => Promise.resolve(false), new AbortController().signal), 'lost');
  });

  it('is lost when no renewal gets through, whether they fail or hang', async () => {
    const signal = new AbortController().signal;
    assert.equal(await keep(50, () => Promise.reject(new Error('away')), signal), 'lost');
    assert.equal(await keep(50, () => new Promise(() => undefined), signal), 'lost');
  });

  it('renews at once when there is news', async () => {
    const stop = new AbortController();
    const wake = new Wake();
    let renewals = 0;
    const ended = keep(
      10_000_000,
      () => {
        renewals += 1;
        return Promise.resolve(true);
      },
      stop.signal,
      wake,
    );
    wake.ring();
    await eventually(() => renewals === 1);
    stop.abort();
    assert.equal(await ended, 'ended');
  });
});
