import assert from 'node:assert/strict';

import { openObserveTarget } from '../../../autoscaler/observe-target.ts';
import { ScaleTargetError } from '../../../autoscaler/scale-target.ts';

const never = new AbortController().signal;

describe('the observe target', () => {
  it('knows nothing about the desired number before it was asked for one', async () => {
    await using target = openObserveTarget(() => Promise.resolve(3));
    assert.deepEqual(await target.read(), { desired: undefined, ready: 3 });
  });

  it('remembers what was asked, zero too, and changes nothing', async () => {
    let counted = 0;
    await using target = openObserveTarget(() => Promise.resolve((counted += 1)));
    await target.apply(0, never);
    assert.deepEqual(await target.read(), { desired: 0, ready: 1 });
    await target.apply(5, never);
    assert.deepEqual(await target.read(), { desired: 5, ready: 2 });
  });

  it('passes on that the ready processors are not known', async () => {
    await using target = openObserveTarget(() => Promise.resolve(undefined));
    assert.equal((await target.read()).ready, undefined);
  });

  it('refuses numbers that are no count', async () => {
    await using target = openObserveTarget(() => Promise.resolve(1));
    await assert.rejects(target.apply(2.5, never), ScaleTargetError);
  });

  it('takes nothing when the signal has aborted', async () => {
    await using target = openObserveTarget(() => Promise.resolve(1));
    const reason = new Error('stopped');
    await assert.rejects(target.apply(2, AbortSignal.abort(reason)), reason);
    assert.equal((await target.read()).desired, undefined);
  });
});
