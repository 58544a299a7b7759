import assert from 'node:assert/strict';

import type { Problem } from '../../api/contract/common.ts';
import type { CronPreview } from '../../api/contract/forecast.ts';
import { TaskDryRun, type TaskPage } from '../../api/contract/task.ts';
import { DRAFT, openTestApi, type TestApi } from '../support/api.ts';

const TASKS = '/api/v1/tasks';
const PLAN = `${TASKS}?dryRun=plan`;

describe('the API, given a cron expression or a time zone', () => {
  let api: TestApi;
  before(async () => {
    api = await openTestApi();
  });
  after(() => api[Symbol.asyncDispose]());
  afterEach('nothing was written', async () => {
    assert.equal((await api.send<TaskPage>('GET', TASKS)).body.total, 0);
  });

  const previewOf = (parameters: Record<string, string>) =>
    `/api/v1/cron/preview?${new URLSearchParams(parameters).toString()}`;
  const draftOf = (expressions: unknown, timeZone?: string) => ({
    ...DRAFT,
    schedule: { kind: 'cron', expressions, ...(timeZone !== undefined && { timeZone }) },
  });
  const planRefusal = (expressions: unknown, timeZone?: string): Promise<Problem> =>
    api.refuse('POST', PLAN, 422, 'invalid_input', { body: draftOf(expressions, timeZone) });

  const pathsOf = ({ errors = [] }: Problem) => errors.map(({ path }) => path);
  const messagesOf = ({ errors = [] }: Problem) => errors.map(({ message }) => message);

  /** Both the dry run and the preview refuse it, for the same reasons, which are the answer. */
  const refuseBoth = async (expression: string): Promise<readonly string[]> => {
    const planned = await planRefusal(['0 9 * * *', expression]);
    const previewed = await api.refuse('GET', previewOf({ expression }), 422, 'invalid_input');
    const messages = messagesOf(planned);
    assert.ok(messages.length > 0);
    assert.deepEqual(
      planned.errors,
      messages.map((message) => ({ path: 'schedule.expressions.1', message })),
    );
    assert.deepEqual(
      previewed.errors,
      messages.map((message) => ({ path: 'expression', message })),
    );
    return messages;
  };

  /** Both accept it with the same runs and warnings. */
  const acceptBoth = async (expression: string, timeZone = 'UTC') => {
    const planned = await api.send('POST', PLAN, { body: draftOf([expression], timeZone) });
    const previewed = await api.send<CronPreview>('GET', previewOf({ expression, timeZone }));
    assert.deepEqual([planned.status, previewed.status], [200, 200], JSON.stringify(planned.body));
    const { nextRuns, scheduleText, warnings } = TaskDryRun.parse(planned.body);
    assert.equal(scheduleText, previewed.body.description);
    assert.equal(nextRuns.length, 5);
    return { text: scheduleText, warnings, previewed: previewed.body };
  };

  describe('that is no expression', () => {
    it('refuses what is empty, missing or no text', async () => {
      for (const expression of [' ', ' \t ']) {
        assert.match((await refuseBoth(expression)).join(), /^the expression is empty; expected 5 fields/);
      }
      for (const expression of ['', null, 5, ['* * * * *'], {}, true]) {
        const refusal = await planRefusal(['0 9 * * *', expression]);
        assert.deepEqual(pathsOf(refusal), ['schedule.expressions.1'], JSON.stringify(expression));
      }
      for (const expressions of [[], null, undefined, '0 9 * * *', {}]) {
        assert.deepEqual(pathsOf(await planRefusal(expressions)), ['schedule.expressions']);
      }
      for (const query of ['', '?expression=', '?expression=%20']) {
        const refusal = await api.refuse('GET', `/api/v1/cron/preview${query}`, 422, 'invalid_input');
        assert.deepEqual(pathsOf(refusal), ['expression'], query);
      }
    });

    it('refuses what is too long, at whatever length', async () => {
      const list = `${'0,'.repeat(100_000)}0 * * * *`;
      for (const expression of [`${'0,'.repeat(126)}0 * * * *`, list, '*'.repeat(1_000_000), ' '.repeat(1_000_000)]) {
        const refusal = await planRefusal([expression]);
        assert.deepEqual(pathsOf(refusal), ['schedule.expressions.0']);
        assert.match(messagesOf(refusal).join(), /256/);
      }
      await api.refuse('POST', PLAN, 413, 'body_too_large', { body: draftOf(['*'.repeat(1_048_576)]) });
      const long = previewOf({ expression: '*'.repeat(5_000) });
      assert.deepEqual(pathsOf(await api.refuse('GET', long, 422, 'invalid_input')), ['expression']);
    });
  });

  /** Each row: an expression, and for each of its errors the field, the position in the expression, and words of the message. */
  type Fault = readonly [field: string, position: number, words: RegExp];
  const inFields: readonly (readonly [string, ...Fault[]])[] = [
    ['60 * * * *', ['minute', 1, /"60" .* values 0-59/]],
    ['60 * * * * *', ['second', 1, /"60" .* values 0-59/]],
    ['* 24 * * *', ['hour', 3, /"24" .* values 0-23/]],
    ['0 0 32 * *', ['day-of-month', 5, /"32" .* values 1-31/]],
    ['0 0 * 13 *', ['month', 7, /"13" .* values 1-12 or JAN-DEC/]],
    ['* * * * 8', ['day-of-week', 9, /"8" .* values 0-7 or SUN-SAT/]],
    ['61 25 * * 9', ['minute', 1, /"61"/], ['hour', 4, /"25"/], ['day-of-week', 11, /"9"/]],
    ['0 9,24 * * *', ['hour', 5, /"24"/]],
    ['*/0 * * * *', ['minute', 1, /the step 0 is not within 1-59/]],
    ['*/-5 * * * *', ['minute', 1, /"\*\/-5" is not understood.*\*\/n/]],
    ['*/100 * * * *', ['minute', 1, /the step 100 is not within 1-59, the length of its range/]],
    ['5-1 * * * *', ['minute', 1, /the range "5-1" ends before it begins/]],
    ['1- * * * *', ['minute', 1, /"1-" is not understood/]],
    [', * * * *', ['minute', 1, /an item of the list is empty/]],
    ['5, * * * *', ['minute', 3, /an item of the list is empty/]],
    ['0,0 * * * *', ['minute', 3, /"0" is listed twice/]],
    ['H * * * *', ['minute', 1, /flexible window with the placement "hash"/]],
    ['0 H(8-17) * * *', ['hour', 3, /flexible window with the placement "hash"/]],
    ['0 0 15W * *', ['day-of-month', 5, /there is no nearest weekday/]],
    ['0 0 L-2 * *', ['day-of-month', 5, /L is its last day/]],
    ['0 0 30 2 *', ['day-of-month', 5, /can never fire/]],
    ['0 0 31 4,6,9,11 *', ['day-of-month', 5, /can never fire/]],
    ['0 0 30,31 FEB ?', ['day-of-month', 5, /can never fire/]],
  ];
  for (const [expression, ...faults] of inFields) {
    it(`refuses ${expression} and says where it is wrong and what is allowed there`, async () => {
      const messages = await refuseBoth(expression);
      assert.equal(messages.length, faults.length);
      for (const [index, [field, position, words]] of faults.entries()) {
        const message = String(messages[index]);
        assert.ok(message.startsWith(`${field} field, character ${position}: `), message);
        assert.match(message, words);
        assert.match(message, / Allowed: \*, \*\/n, a, a-b, .*; values \d+-\d+/);
      }
    });
  }

  const asAWhole: readonly (readonly [string, RegExp])[] = [
    ['* * * *', /^found 4 fields; expected 5 fields \(minute, hour, .*\) or 6/],
    ['*', /^found 1 field; expected 5 fields/],
    ['0 0 1 1 * * 2027', /^found 7 fields; .* no year field: use the start and the end of the schedule/],
    ['; rm -rf', /^found 3 fields; expected 5 fields/],
    ['0 9 * * * ; rm -rf /', /^found 9 fields; expected 5 fields/],
    ['@reboot', /^"@reboot" is not supported: a schedule knows times.*; allowed are @yearly/],
    ['@every 5m', /^"@every 5m" is not supported: .* kind "interval" with "everyMs"; allowed are @yearly/],
    ['\uff10 9 * * *', /^character 1 \(U\+FF10\) is not allowed; expected ASCII/],
    ['0 \u0669 * * *', /^character 3 \(U\+0669\) is not allowed/],
    ['0 9 *\u00a0* *', /^character 6 \(U\+00A0\) is not allowed/],
    ['0 9 * * *\n', /^character 10 \(U\+000A\) is not allowed/],
    ['0 9\r\n* * *', /^character 4 \(U\+000D\) is not allowed/],
  ];
  for (const [expression, message] of asAWhole) {
    it(`refuses ${JSON.stringify(expression)} and says what to write instead`, async () => {
      const messages = await refuseBoth(expression);
      assert.equal(messages.length, 1);
      assert.match(String(messages[0]), message);
    });
  }

  const accepted: readonly (readonly [string, string])[] = [
    ['@daily', 'At 00:00 (UTC)'],
    ['0 0 L * *', 'At 00:00, on the last day of the month (UTC)'],
    ['0 0 * * 5#3', 'At 00:00, on the third Friday of the month (UTC)'],
    ['0 0 * * 7', 'At 00:00, only on Sunday (UTC)'],
    ['0 0 1 JAN *', 'At 00:00, on day 1 of the month, only in January (UTC)'],
    ['0 0 * * mon', 'At 00:00, only on Monday (UTC)'],
  ];
  for (const [expression, words] of accepted) {
    it(`takes ${expression} and says it in words`, async () => {
      const { text, warnings } = await acceptBoth(expression);
      assert.equal(text, words);
      assert.deepEqual(warnings, []);
    });
  }

  describe('that may surprise', () => {
    it('names the next 29 February', async () => {
      const { warnings, previewed } = await acceptBoth('0 0 29 2 *');
      assert.deepEqual(warnings, previewed.warnings);
      assert.equal(warnings.length, 1);
      const date = /^29 February is in leap years only; the next one is (\d{4}-02-29)\.$/.exec(
        String(warnings[0]),
      )?.[1];
      assert.equal(date, previewed.runs[0]?.at.slice(0, 10));
    });

    it('says which of two day fields does what', async () => {
      const { warnings, previewed } = await acceptBoth('0 0 13 * 5');
      assert.deepEqual(warnings, [
        'Both day fields are set, and either is enough: it runs on day 13 of the month or every Friday.',
      ]);
      assert.deepEqual(previewed.warnings, warnings);
    });

    it('says that short months are left out', async () => {
      const { warnings } = await acceptBoth('0 0 31 * *');
      assert.deepEqual(warnings, ['Months without day 31 are left out; L is the last day of every month.']);
    });

    it('says that a step does not divide the hour', async () => {
      const { warnings } = await acceptBoth('*/7 * * * *');
      assert.deepEqual(warnings, [
        '"*/7" in the minute field starts again with each hour: the last gap is 4 minutes, not 7.',
      ]);
    });

    it('takes a run each second, and says how many that makes in a day', async () => {
      assert.deepEqual((await acceptBoth('* * * * * *')).warnings, ['It runs 86400 times a day.']);
    });

    it('refuses a run each second where the server allows fewer in a day', async () => {
      await using frugal = await openTestApi({ maxRunsPerDay: 1_440 });
      const planOf = (expression: string) => ({ body: draftOf([expression]) });
      const { errors } = await frugal.refuse('POST', PLAN, 422, 'invalid_input', planOf('* * * * * *'));
      assert.deepEqual(errors, [
        { path: 'schedule.expressions', message: 'it runs 86400 times a day; at most 1440 are allowed here' },
      ]);
      assert.equal((await frugal.send('POST', PLAN, planOf('* * * * *'))).status, 200);
    });

    it('says when a task takes longer than the time to its next run', async () => {
      const planWith = async (estimateMs: number, schedule: object) => {
        await api.database.dataSource.query(`update task_types set estimate_ms = $1 where name = 'noop'`, [estimateMs]);
        return TaskDryRun.parse((await api.send('POST', PLAN, { body: { ...DRAFT, schedule } })).body);
      };
      const interval = { kind: 'interval', everyMs: 60_000 };
      for (const schedule of [interval, { kind: 'cron', expressions: ['0 9 * * *', '1 9 * * *'] }]) {
        const { averageElapsedMs, warnings } = await planWith(90_000, schedule);
        assert.equal(averageElapsedMs, 90_000);
        assert.deepEqual(warnings, [
          'It takes 90 s on average, but comes every 60 s: occurrences will meet one that still runs.',
        ]);
      }
      assert.deepEqual((await planWith(60_000, interval)).warnings, []);
    });
  });

  describe('time zone', () => {
    const refused: readonly (readonly [string, RegExp])[] = [
      ['', /^expected UTC or an IANA time zone in its exact spelling, such as Europe\/Rome$/],
      ['Mars/Base', /such as Europe\/Rome$/],
      ['+05:30', /an offset does not say when the clocks change/],
      ['EST', /an abbreviation stands for several zones/],
      ['utc ', /did you mean UTC\?$/],
      ['europe/rome', /did you mean Europe\/Rome\?$/],
    ];
    for (const [timeZone, message] of refused) {
      it(`refuses ${JSON.stringify(timeZone)} and says what to write instead`, async () => {
        const planned = await planRefusal(['0 9 * * *'], timeZone);
        const previewed = await api.refuse(
          'GET',
          previewOf({ expression: '0 9 * * *', timeZone }),
          422,
          'invalid_input',
        );
        const interval = await api.refuse('POST', PLAN, 422, 'invalid_input', {
          body: { ...DRAFT, schedule: { kind: 'interval', everyMs: 60_000, timeZone } },
        });
        for (const [problem, path] of [
          [planned, 'schedule.timeZone'],
          [previewed, 'timeZone'],
          [interval, 'schedule.timeZone'],
        ] as const) {
          assert.deepEqual(pathsOf(problem), [path]);
          assert.match(messagesOf(problem).join(), message);
        }
      });
    }

    for (const [alias, canonical] of [
      ['Europe/Kiev', 'Europe/Kyiv'],
      ['Europe/Kyiv', 'Europe/Kyiv'],
      ['Asia/Calcutta', 'Asia/Kolkata'],
      ['US/Eastern', 'America/New_York'],
      ['Etc/UTC', 'UTC'],
    ] as const) {
      it(`takes ${alias} as ${canonical}`, async () => {
        const { text, previewed } = await acceptBoth('0 9 * * *', alias);
        assert.equal(text, `At 09:00 (${canonical})`);
        for (const { localTime } of previewed.runs) assert.match(localTime, / 09:00:00 /);
      });
    }
  });
});
