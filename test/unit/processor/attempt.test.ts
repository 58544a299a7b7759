import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import fc from 'fast-check';
import { z } from 'zod';

import { UnavailableError } from '../../../core/errors.ts';
import { type AttemptOptions, type AttemptResult, runAttempt } from '../../../processor/attempt.ts';
import { AttemptEndedError, EndSwitch } from '../../../processor/end-switch.ts';
import { defineTaskType, type RunContext, type TaskType } from '../../../processor/task-type.ts';
import { attempt, inputOf } from '../../support/attempts.ts';

const HOUR_MS = 3_600_000;

describe('runAttempt', () => {
  it('gives the handler its payload, and its result back', async () => {
    const type = typeOf(({ payload }) => ({ doubled: (payload as { n: number }).n * 2 }));
    const result = await attempt(type, { n: 21 });
    assert.equal(result.outcome, 'succeeded');
    assert.deepEqual(result.result, { doubled: 42 });
    assert.equal(result.error, null);
    assert.ok(result.elapsedMs >= 0);
  });

  it('waits for handlers that answer later', async () => {
    const result = await attempt(typeOf(() => sleep(5, 'done')));
    assert.deepEqual([result.outcome, result.result], ['succeeded', 'done']);
  });

  it('takes nothing as the result null', async () => {
    assert.equal((await attempt(typeOf(() => undefined))).result, null);
    assert.equal((await attempt(typeOf(() => Promise.resolve()))).result, null);
  });

  it('lets a handler take its context apart', async () => {
    const type = typeOf(({ log, notify, fail }) => {
      log.info('looking');
      notify('a@example.org', 'look');
      fail('nothing there', { retryable: false, retryAfterMs: 1_500 });
    });
    const result = await attempt(type);
    assert.deepEqual(summaryOf(result), ['failed', false, 'nothing there']);
    assert.equal(result.retryAfterMs, 1_500);
    assert.deepEqual(result.notifications, [{ recipient: 'a@example.org', message: 'look' }]);
    assert.deepEqual(
      result.logs.map(({ seq, level, message }) => [seq, level, message]),
      [[1, 'info', 'looking']],
    );
  });

  it('tries a failure again unless the handler says otherwise', async () => {
    assert.deepEqual(summaryOf(await attempt(typeOf(({ fail }) => fail('busy')))), ['failed', true, 'busy']);
  });

  it('takes the word of our own errors on whether trying again helps', async () => {
    const type = typeOf(() => Promise.reject(new UnavailableError('away')));
    assert.deepEqual(summaryOf(await attempt(type)), ['failed', true, 'UnavailableError: away']);
  });

  describe('whatever a handler throws', () => {
    const things: readonly (readonly [string, () => unknown, RegExp])[] = [
      ['an Error', () => new Error('broken'), /^broken$/],
      ['an error of another kind', () => new TypeError('not a pump'), /^TypeError: not a pump$/],
      ['text', () => 'plain', /^plain$/],
      ['an empty text', () => '', /without a message/],
      ['undefined', () => undefined, /undefined/],
      ['null', () => null, /null/],
      ['a number', () => 42, /42/],
      ['a BigInt', () => 42n, /42/],
      ['a symbol', () => Symbol('s'), /Symbol\(s\)/],
      ['a function', () => () => undefined, /function/],
      ['an object', () => ({ a: 1 }), /\{"a":1\}/],
      ['an object without a prototype', () => Object.create(null) as unknown, /can not be described|\{\}/],
      [
        'an object whose message throws',
        () => Object.defineProperty({}, 'message', { get: explode }),
        /can not be described/,
      ],
      ['a proxy that throws at everything', () => new Proxy({}, explosive()), /can not be described/],
      ['a revoked proxy', revoked, /can not be described/],
      ['an error that is its own cause', () => Object.assign(new Error('loop'), { cause: undefined }), /loop/],
      [
        'a cause',
        () => new Error('fetch failed', { cause: new Error('ECONNRESET') }),
        /fetch failed \(cause: ECONNRESET\)/,
      ],
      ['an AggregateError', () => new AggregateError([new Error('no route')]), /no route/],
      ['a text with NUL', () => 'a\0b', /^a\uFFFDb$/],
    ];
    for (const [what, make, expected] of things) {
      it(`is a failed attempt: ${what}`, async () => {
        for (const type of [typeOf(() => raise(make())), typeOf(() => Promise.resolve().then(() => raise(make())))]) {
          const result = await attempt(type);
          assert.deepEqual([result.outcome, result.retryable], ['failed', true]);
          assert.match(result.error ?? '', expected);
        }
      });
    }

    it('is a failed attempt with a bounded error, for any value there is', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
          async (thing) => {
            const result = await attempt(typeOf(() => raise(thing)));
            assert.equal(result.outcome, 'failed');
            assert.ok(result.error !== null && result.error !== '' && Buffer.byteLength(result.error) <= 4_096);
          },
        ),
      );
    });
  });

  describe('whatever a handler returns', () => {
    it('ends as JSON that can be stored or as a failure that is not repeated', async () => {
      await fc.assert(
        fc.asyncProperty(fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }), async (thing) => {
          const result = await attempt(typeOf(() => thing));
          if (result.outcome === 'succeeded') assert.doesNotThrow(() => JSON.stringify(result.result));
          else assert.deepEqual([result.outcome, result.retryable], ['failed', false]);
        }),
      );
    });

    for (const [what, make] of [
      ['a BigInt', () => 1n],
      ['a cycle', cycle],
      ['a function', () => () => 1],
      ['toJSON that throws', () => ({ toJSON: explode })],
      ['very deep nesting', () => nested(100_000)],
      ['nesting deeper than a database likes', () => nested(65)],
    ] as const) {
      it(`is refused with a sentence: ${what}`, async () => {
        const result = await attempt(typeOf(make));
        assert.deepEqual([result.outcome, result.retryable, result.result], ['failed', false, null]);
        assert.match(result.error ?? '', /its result can not be stored: it is/);
      });
    }

    it('is replaced by a preview when it is too large', async () => {
      const result = await attempt(typeOf(() => ({ text: '"é'.repeat(40_000) })));
      const stored = result.result as { truncated: boolean; bytes: number; preview: string };
      assert.deepEqual([result.outcome, stored.truncated, stored.bytes], ['succeeded', true, 160_011]);
      assert.ok(Buffer.byteLength(JSON.stringify(stored)) <= 65_536);
    });

    it('may be a strange thenable', async () => {
      const throwing = Object.defineProperty({}, 'then', { get: explode });
      assert.equal((await attempt(typeOf(() => throwing))).outcome, 'failed');
      const eager = { then: (resolve: (value: string) => void) => resolve('now') };
      assert.equal((await attempt(typeOf(() => eager))).result, 'now');
    });
  });

  it('does not run a handler whose payload does not fit any more', async () => {
    let ran = false;
    const type = defineTaskType({
      name: 'x.y',
      payload: z.strictObject({ plate: z.string() }),
      timeoutMs: 1_000,
      estimateMs: 1,
      run: () => void (ran = true),
    });
    const result = await attempt(type, { plate: 3, more: true });
    assert.deepEqual([result.outcome, result.retryable, ran], ['failed', false, false]);
    assert.match(result.error ?? '', /plate: /);
  });

  it('gives an unknown task type back for a processor that knows it', async () => {
    const result = await runAttempt(undefined, inputOf({}), running());
    assert.deepEqual([result.outcome, result.retryAfterMs], ['interrupted', 10_000]);
  });

  it('fails a task type that is switched off', async () => {
    const type = defineTaskType({ ...definition(() => 'ran'), enabled: false });
    assert.deepEqual(summaryOf(await attempt(type)), ['failed', false, 'x.y is switched off here.']);
  });

  describe('at the time-out', () => {
    it('aborts the signal with the reason', async () => {
      let reason: unknown;
      const type = typeOf(async ({ signal }) => {
        await sleep(HOUR_MS, undefined, { signal }).catch(() => undefined);
        reason = signal.reason;
        throw reason;
      });
      const result = await runAttempt(type, inputOf({}), { ...running(), timeoutMs: 20 });
      assert.deepEqual([result.outcome, result.retryable], ['timed-out', true]);
      assert.match(String(reason), /TimeoutError: .* 20 ms/);
    });

    it('leaves a handler behind that does not stop, and ignores what it does then', async () => {
      let goOn: ((value: string) => void) | undefined;
      let context: RunContext<unknown> | undefined;
      const type = typeOf((given) => {
        context = given;
        return new Promise((resolve) => (goOn = resolve));
      });
      const result = await runAttempt(type, inputOf({}), { ...running(), timeoutMs: 5, killGraceMs: 5 });
      assert.equal(result.outcome, 'timed-out');
      assert.match(result.error ?? '', /did not stop within 5 ms/);
      assert.equal(context?.signal.aborted, true, 'also when it asks for its signal only afterwards');
      context.log.info('too late');
      context.notify('a@example.org', 'too late');
      goOn?.('too late');
      await Promise.resolve();
      assert.deepEqual([result.logs, result.notifications, result.result], [[], [], null]);
    });

    it('does not use what comes after it', async () => {
      const type = typeOf(async ({ signal }) => {
        await sleep(HOUR_MS, undefined, { signal }).catch(() => undefined);
        return 'partial';
      });
      const result = await runAttempt(type, inputOf({}), { ...running(), timeoutMs: 5 });
      assert.deepEqual([result.outcome, result.result], ['timed-out', null]);
    });

    it('can be further away than a timer reaches', async () => {
      const result = await runAttempt(
        typeOf(() => sleep(5, 'fine')),
        inputOf({}),
        { ...running(), timeoutMs: 3e9 },
      );
      assert.equal(result.outcome, 'succeeded');
    });
  });

  describe('when somebody ends it', () => {
    const ending = { how: 'cancel', reason: 'cancelled by a person' } as const;
    const under = (endSwitch: EndSwitch): AttemptOptions => ({ ...running(), timeoutMs: HOUR_MS, endSwitch });

    it('is cancelled when its handler honours the signal, whatever that throws', async () => {
      const endSwitch = new EndSwitch();
      let reason: unknown;
      const type = typeOf(async ({ signal, fail }) => {
        await sleep(HOUR_MS, undefined, { signal }).catch(() => undefined);
        reason = signal.reason;
        fail('stopped');
      });
      const pending = runAttempt(type, inputOf({}), under(endSwitch));
      endSwitch.end(ending);
      const result = await pending;
      assert.deepEqual(summaryOf(result), ['cancelled', false, 'cancelled by a person']);
      assert.equal(result.endReason, 'cancelled by a person');
      assert.ok(reason instanceof AttemptEndedError && !reason.atOnce);
      assert.match(String(reason), /AttemptEndedError: The attempt was ended: cancelled by a person\./);
    });

    it('does not run when that was asked for before it began', async () => {
      const endSwitch = new EndSwitch();
      endSwitch.end(ending);
      let ran = false;
      const result = await runAttempt(
        typeOf(() => (ran = true)),
        inputOf({}),
        under(endSwitch),
      );
      assert.deepEqual([result.outcome, ran], ['cancelled', false]);
    });

    it('ends one that was asked for while its handler had not waited yet', async () => {
      const endSwitch = new EndSwitch();
      const type = typeOf(({ signal }) => {
        endSwitch.end(ending);
        return sleep(HOUR_MS, undefined, { signal });
      });
      assert.equal((await runAttempt(type, inputOf({}), under(endSwitch))).outcome, 'cancelled');
    });

    for (const [how, graceMs] of [
      ['cancel', 5],
      ['terminate', 0],
    ] as const) {
      it(`leaves a handler behind that does not listen: ${how}`, async () => {
        const endSwitch = new EndSwitch();
        let context: RunContext<unknown> | undefined;
        const type = typeOf((given) => {
          context = given;
          return new Promise(() => undefined);
        });
        const pending = runAttempt(type, inputOf({}), { ...under(endSwitch), killGraceMs: 5 });
        endSwitch.end({ how, reason: 'make room' });
        const result = await pending;
        assert.deepEqual([result.outcome, result.endReason], ['cancelled', 'make room']);
        assert.match(result.error ?? '', new RegExp(`^make room\\. .* did not stop within ${graceMs} ms`));
        const reason: unknown = context?.signal.reason;
        assert.equal(reason instanceof AttemptEndedError && reason.atOnce, how === 'terminate');
      });
    }

    it('keeps the result of one that succeeds all the same', async () => {
      const endSwitch = new EndSwitch();
      const type = typeOf(async () => {
        await Promise.resolve();
        endSwitch.end(ending);
        return 'done';
      });
      const result = await runAttempt(type, inputOf({}), under(endSwitch));
      assert.deepEqual([result.outcome, result.result], ['succeeded', 'done']);
    });

    it('stays timed out when that came first, and cancelled when the processor stops after it', async () => {
      const late = new EndSwitch();
      const type = typeOf(async ({ signal }) => {
        await sleep(HOUR_MS, undefined, { signal }).catch(() => undefined);
        late.end(ending);
        throw new Error('stopped');
      });
      const timedOut = await runAttempt(type, inputOf({}), { ...running(), timeoutMs: 5, endSwitch: late });
      assert.equal(timedOut.outcome, 'timed-out');

      const stop = new AbortController();
      const early = new EndSwitch();
      const pending = runAttempt(
        typeOf(({ signal }) => sleep(HOUR_MS, undefined, { signal })),
        inputOf({}),
        { timeoutMs: HOUR_MS, signal: stop.signal, endSwitch: early },
      );
      early.end(ending);
      stop.abort();
      assert.equal((await pending).outcome, 'cancelled');
    });

    it('counts the first request only, and none after its end', async () => {
      const endSwitch = new EndSwitch();
      const pending = runAttempt(
        typeOf(() => sleep(5, 'fine')),
        inputOf({}),
        under(endSwitch),
      );
      assert.equal((await pending).outcome, 'succeeded');
      endSwitch.end(ending);
      endSwitch.end({ how: 'terminate', reason: 'again' });
      assert.equal(endSwitch.ending, ending);
    });
  });

  describe('when the processor stops', () => {
    it('interrupts a handler that honours the signal', async () => {
      const stop = new AbortController();
      const type = typeOf(({ signal }) => {
        const waiting = sleep(HOUR_MS, undefined, { signal });
        stop.abort(new Error('draining'));
        return waiting;
      });
      const result = await runAttempt(type, inputOf({}), { timeoutMs: HOUR_MS, signal: stop.signal });
      assert.equal(result.outcome, 'interrupted');
    });

    it('keeps the result of one that finishes all the same', async () => {
      const stop = new AbortController();
      const type = typeOf(async () => {
        await Promise.resolve();
        stop.abort();
        return 'done';
      });
      const result = await runAttempt(type, inputOf({}), { timeoutMs: HOUR_MS, signal: stop.signal });
      assert.deepEqual([result.outcome, result.result], ['succeeded', 'done']);
    });

    it('frees the slot of one that hangs', async () => {
      const stop = new AbortController();
      const pending = runAttempt(
        typeOf(() => new Promise(() => undefined)),
        inputOf({}),
        {
          timeoutMs: HOUR_MS,
          signal: stop.signal,
          killGraceMs: 5,
        },
      );
      stop.abort();
      assert.equal((await pending).outcome, 'interrupted');
    });

    it('does not begin', async () => {
      let ran = false;
      const result = await runAttempt(
        typeOf(() => void (ran = true)),
        inputOf({}),
        { timeoutMs: 1, signal: AbortSignal.abort() },
      );
      assert.deepEqual([result.outcome, ran], ['interrupted', false]);
    });

    it('reaches every one of a thousand attempts', async () => {
      const stop = new AbortController();
      const type = typeOf(({ signal }) => sleep(HOUR_MS, undefined, { signal }));
      const pending = Array.from({ length: 1_000 }, () =>
        runAttempt(type, inputOf({}), { timeoutMs: HOUR_MS, signal: stop.signal }),
      );
      stop.abort();
      const outcomes = new Set((await Promise.all(pending)).map(({ outcome }) => outcome));
      assert.deepEqual([...outcomes], ['interrupted']);
    });
  });

  it('bounds what is logged and notified, and says so', async () => {
    const type = typeOf(({ log, notify }) => {
      for (let n = 0; n < 5_000; n += 1) log.info(`line ${n} ${'x'.repeat(10_000)}`);
      for (let n = 0; n < 5_000; n += 1) notify('a@example.org', 'hello');
    });
    const result = await attempt(type);
    assert.equal(result.logs.length, 1_000);
    assert.ok(result.logs.every(({ message }) => Buffer.byteLength(message) <= 4_096));
    assert.match(result.logs.at(-1)?.message ?? '', /100 notifications/);
    assert.equal(result.notifications.length, 100);
  });

  it('counts CPU time only for an attempt that is alone', async () => {
    const spin = (): void => {
      const untilMs = performance.now() + 20;
      while (performance.now() < untilMs);
    };
    const alone = await attempt(typeOf(spin));
    assert.ok(alone.cpuMs !== null && alone.cpuMs > 0);
    const [first, second] = await Promise.all([attempt(typeOf(() => sleep(5))), attempt(typeOf(() => sleep(5)))]);
    assert.deepEqual([first.cpuMs, second.cpuMs], [null, null]);
  });
});

function definition(run: (context: RunContext<unknown>) => unknown) {
  return { name: 'x.y', payload: z.looseObject({}), timeoutMs: 1_000, estimateMs: 1, run };
}

function typeOf(run: (context: RunContext<unknown>) => unknown): TaskType {
  return defineTaskType(definition(run));
}

function running(): AttemptOptions {
  return { timeoutMs: HOUR_MS, signal: new AbortController().signal };
}

function summaryOf(result: AttemptResult): readonly unknown[] {
  return [result.outcome, result.retryable, result.error];
}

function raise(thing: unknown): never {
  throw thing;
}

function explode(): never {
  throw new Error('boom');
}

function explosive(): ProxyHandler<object> {
  return { get: explode, has: explode, getPrototypeOf: explode, ownKeys: explode, getOwnPropertyDescriptor: explode };
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cycle(): unknown {
  const made: Record<string, unknown> = {};
  made.self = made;
  return made;
}

function nested(depth: number): unknown {
  let made: unknown = 1;
  for (let level = 0; level < depth; level += 1) made = [made];
  return made;
}
