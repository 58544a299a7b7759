import assert from 'node:assert/strict';

import { z } from 'zod';

import { HandlerConfig, handlerSettings } from '../../../processor/config.ts';
import { analyse } from '../../../processor/handlers/measurement-analysis.ts';
import { noop } from '../../../processor/handlers/noop.ts';
import { reminder } from '../../../processor/handlers/reminder.ts';
import { defineTaskType, isTaskType, type TaskTypeDefinition, TaskTypeError } from '../../../processor/task-type.ts';
import { attempt } from '../../support/attempts.ts';

const good = { name: 'plate.read', payload: z.strictObject({}), timeoutMs: 1_000, estimateMs: 10, run: () => null };

describe('defineTaskType', () => {
  it('fills in what was left out', () => {
    const type = defineTaskType({ ...good, retry: { maxAttempts: 7 } });
    assert.deepEqual([type.title, type.pool, type.enabled, type.examplePayload], ['plate.read', 'default', true, {}]);
    assert.deepEqual(type.retry, { maxAttempts: 7, backoff: 'exponential', firstDelayMs: 1_000, maxDelayMs: 60_000 });
    assert.ok(isTaskType(type));
  });

  it('writes the payload as JSON Schema as it is posted, defaults optional', () => {
    const type = defineTaskType({ ...good, payload: z.strictObject({ a: z.string(), b: z.int().default(3) }) });
    assert.equal(type.payloadSchema.type, 'object');
    assert.deepEqual(type.payloadSchema.required, ['a']);
    assert.equal(type.payloadSchema.additionalProperties, false);
  });

  it('leaves open in the JSON Schema what that can not say', () => {
    const payload = z.strictObject({ at: z.iso.datetime().transform((text) => new Date(text)) });
    assert.deepEqual(Object.keys(defineTaskType({ ...good, payload }).payloadSchema.properties as object), ['at']);
  });

  for (const [what, change, expected] of [
    ['a name in capitals', { name: 'Plate' }, /lower-case words/],
    ['no name', { name: undefined }, /without a name is not usable: name must be text/],
    ['a payload that is no schema', { payload: {} }, /zod 4 schema/],
    ['a payload that is no object', { payload: z.string() }, /must describe an object/],
    ['no time-out', { timeoutMs: undefined }, /timeoutMs must be a whole number/],
    ['an endless time-out', { timeoutMs: Infinity }, /timeoutMs must be a whole number/],
    ['a negative estimate', { estimateMs: -1 }, /estimateMs must not be negative/],
    ['an unknown retry setting', { retry: { attempts: 3 } }, /retry must be an object with maxAttempts/],
    ['no attempts at all', { retry: { maxAttempts: 0 } }, /./],
    ['no run', { run: 'x' }, /run must be a function/],
    ['an example that does not fit', { examplePayload: { a: 1 } }, /examplePayload does not fit/],
  ] as const) {
    it(`refuses ${what} and says so`, () => {
      const definition = { ...good, ...change } as unknown as TaskTypeDefinition<unknown>;
      assert.throws(
        () => defineTaskType(definition),
        (error) => error instanceof TaskTypeError && expected.test(error.message),
      );
    });
  }

  it('names every mistake at once', () => {
    const definition = {
      name: 'X',
      payload: 1,
      timeoutMs: 0,
      estimateMs: '1',
    } as unknown as TaskTypeDefinition<unknown>;
    assert.throws(() => defineTaskType(definition), /lower-case.*zod.*timeoutMs.*estimateMs.*run/);
    assert.throws(() => defineTaskType(undefined as unknown as TaskTypeDefinition<unknown>), TaskTypeError);
  });
});

describe('noop', () => {
  it('succeeds at once', async () => {
    assert.equal((await attempt(noop)).outcome, 'succeeded');
  });

  it('sleeps as long as it is told', async () => {
    assert.equal((await attempt(noop, { sleepMs: 5 })).outcome, 'succeeded');
  });

  it('fails the first attempts and then succeeds', async () => {
    const outcomes = [1, 2, 3].map(async (n) => (await attempt(noop, { failTimes: 2 }, { attempt: n })).outcome);
    assert.deepEqual(await Promise.all(outcomes), ['failed', 'failed', 'succeeded']);
  });

  it('always fails when told so', async () => {
    assert.equal((await attempt(noop, { fail: true, sleepMs: 1 }, { attempt: 99 })).outcome, 'failed');
  });
});

describe('reminder', () => {
  it('notifies every recipient', async () => {
    const result = await attempt(
      reminder,
      { message: 'Calibrate' },
      { recipients: ['a@example.org', 'b@example.org'] },
    );
    assert.deepEqual(
      result.notifications.map(({ recipient, message }) => [recipient, message]),
      [
        ['a@example.org', 'Calibrate'],
        ['b@example.org', 'Calibrate'],
      ],
    );
    assert.match(result.logs[0]?.message ?? '', /Reminder to a@example.org, b@example.org: Calibrate/);
  });
});

describe('analyse', () => {
  it('finds mean, deviation, range and outliers', () => {
    assert.deepEqual(analyse([2, 4, 4, 4, 5, 5, 7, 9]), {
      count: 8,
      mean: 5,
      deviation: Number(Math.sqrt(32 / 7).toPrecision(9)),
      min: 2,
      max: 9,
      outliers: [],
    });
    const flat = Array.from({ length: 40 }, (_, index) => 10 + (index % 2));
    assert.deepEqual(analyse([...flat, 1_000]).outliers, [1_000]);
  });

  it('is exact for values far from zero', () => {
    assert.equal(analyse([1e9 + 1, 1e9 + 2, 1e9 + 3]).deviation, 1);
  });

  it('has no deviation for one value', () => {
    assert.deepEqual(analyse([7]), { count: 1, mean: 7, deviation: 0, min: 7, max: 7, outliers: [] });
  });
});

describe('HandlerConfig', () => {
  it('is closed by default', () => {
    const settings = handlerSettings(HandlerConfig.parse({}));
    assert.deepEqual([settings.httpAllow, settings.shellCommands.size], [[], 0]);
  });

  it('reads lists', () => {
    const settings = handlerSettings(
      HandlerConfig.parse({
        ALMANAC_HTTP_ALLOW: ' a:80 , 10.0.0.0/8 ',
        ALMANAC_SHELL_COMMANDS: 'report=/opt/x/report.sh',
      }),
    );
    assert.equal(settings.httpAllow.length, 2);
    assert.deepEqual([...settings.shellCommands], [['report', '/opt/x/report.sh']]);
  });

  it('names every bad entry', () => {
    const parsed = HandlerConfig.safeParse({
      ALMANAC_HTTP_ALLOW: 'a,b:80,c/99',
      ALMANAC_SHELL_COMMANDS: 'x=relative,y,../z=/a,w=/a/../b',
    });
    assert.deepEqual(parsed.error?.issues.map(({ path }) => path[0]).sort(), [
      ...['ALMANAC_HTTP_ALLOW', 'ALMANAC_HTTP_ALLOW'],
      ...Array.from({ length: 4 }, () => 'ALMANAC_SHELL_COMMANDS'),
    ]);
  });
});
