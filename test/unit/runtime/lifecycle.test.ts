import assert from 'node:assert/strict';

import { Disposables } from '../../../runtime/disposables.ts';
import { aborted, runTogether } from '../../../runtime/lifecycle.ts';

describe('runTogether', () => {
  it('ends when the signal aborts and every service has ended', async () => {
    const stop = new AbortController();
    const ended: string[] = [];
    const service = (name: string) => async (signal: AbortSignal) => {
      await aborted(signal);
      ended.push(name);
    };
    const running = runTogether(stop.signal, [service('a'), service('b')]);
    stop.abort();
    await running;
    assert.deepEqual(ended.sort(), ['a', 'b']);
  });

  it('stops the others in good order when one fails, then throws its error', async () => {
    const failure = new Error('the first');
    let stopped = false;
    const running = runTogether(new AbortController().signal, [
      () => Promise.reject(failure),
      async (signal) => {
        await aborted(signal);
        stopped = true;
        throw new Error('a later one');
      },
    ]);
    await assert.rejects(running, failure);
    assert.equal(stopped, true);
  });
});

describe('Disposables', () => {
  const disposable = (dispose: () => void): AsyncDisposable => ({
    [Symbol.asyncDispose]: () => {
      dispose();
      return Promise.resolve();
    },
  });

  it('closes in reverse, once, and everything although something fails', async () => {
    const closed: string[] = [];
    const opened = new Disposables();
    const first = disposable(() => closed.push('first'));
    assert.equal(opened.use(first), first);
    opened.use(
      disposable(() => {
        throw new Error('stuck');
      }),
    );
    opened.use(disposable(() => closed.push('last')));
    await assert.rejects(opened[Symbol.asyncDispose](), /stuck/);
    await opened[Symbol.asyncDispose]();
    assert.deepEqual(closed, ['last', 'first']);
  });
});
