import assert from 'node:assert/strict';

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/duration.ts';
import { type CronSchedule } from '../../../core/schedule.ts';
import { type ExclusionRule, type TaskSchedule } from '../../../core/task.ts';
import { explainInstant, type WhyAnswer } from '../../../core/why.ts';
import { type WhyFacts, type WhyOccurrence, type WhyRevision, type WhyRun } from '../../../core/why-facts.ts';

const ms = (text: string): number => Date.parse(text);
const NOW = ms('2026-11-21T12:00:00Z'); // a Saturday

const daily: CronSchedule = {
  kind: 'cron',
  expressions: ['0 9 * * *'],
  timeZone: 'UTC',
  startsAtMs: null,
  endsAtMs: null,
  maxRuns: null,
  exclusions: [],
  dst: { gap: 'shift', repeat: 'first' },
};
const hourly = {
  kind: 'interval',
  everyMs: HOUR_MS,
  startsAtMs: ms('2026-11-01T00:30:00Z'),
  timeZone: 'UTC',
  endsAtMs: null,
  maxRuns: null,
  exclusions: [],
} as const satisfies TaskSchedule;

const REVISION: WhyRevision = {
  revision: 3,
  validFromMs: ms('2026-11-10T00:00:00Z'),
  validUntilMs: null,
  schedule: daily,
  firstMs: null,
  status: 'active',
  statusReason: null,
  pausedUntilMs: null,
  isDeleted: false,
  misfire: 'latest',
  misfireGraceMs: null,
  flexibleWindowMs: 0,
  advice: null,
  startExpiryMs: null,
  expandError: null,
  expandedUntilMs: ms('2026-11-22T00:00:00Z'),
  slotsDecided: 12,
  lastSlotMs: null,
};

const OCCURRENCE: WhyOccurrence = {
  scheduledMs: ms('2026-11-21T09:00:00Z'),
  status: 'Completed',
  trigger: 'schedule',
  under: REVISION,
  dueMs: null,
  claimedDueMs: null,
  movedMs: null,
  startMs: ms('2026-11-21T09:00:00Z'),
  lockedBy: null,
  reason: null,
  blockedBy: null,
  isLeftToCatchUp: false,
  attempt: 1,
  runs: [],
};

const RUN: WhyRun = {
  attempt: 1,
  outcome: 'succeeded',
  dueMs: ms('2026-11-21T09:00:00Z'),
  startMs: ms('2026-11-21T09:00:00.012Z'),
  elapsedMs: 1_250,
  error: null,
  processor: 'processor-1',
};

type Partly<T> = { readonly [K in keyof T]?: T[K] };

function explain(at: string, revision: Partly<WhyRevision> = {}, rest: Partly<WhyFacts> = {}): WhyAnswer {
  const present = { ...REVISION, ...revision };
  const facts: WhyFacts = {
    atMs: ms(at),
    nowMs: NOW,
    createdMs: present.validFromMs,
    knownFromMs: present.validFromMs,
    revision: present,
    present,
    occurrence: null,
    retentionDays: 35,
    graceMs: MINUTE_MS,
    ...rest,
  };
  const answer = explainInstant(facts);
  assert.deepEqual(
    answer.rules.map(({ decides }) => decides),
    answer.rules.map((_, index) => index === answer.rules.length - 1),
    'exactly one rule decides: the last one that was asked',
  );
  return answer;
}

function explainOccurrence(occurrence: Partly<WhyOccurrence>, revision: Partly<WhyRevision> = {}): WhyAnswer {
  return explain('2026-11-21T09:00:00Z', revision, { occurrence: { ...OCCURRENCE, ...occurrence } });
}

const brief = ({ verdict, rules, summary }: WhyAnswer) => [verdict, rules.map(({ rule }) => rule).join(' '), summary];
const cron = (schedule: Partly<CronSchedule>): Partly<WhyRevision> => ({ schedule: { ...daily, ...schedule } });

describe('explainInstant, of an instant without an occurrence', () => {
  it('names each field that a line does not match, and the instants around', () => {
    const answer = explain('2026-11-21T10:07:00Z', cron({ expressions: ['0 9 * * 1-5', '*/5 10 * 1-3 *'] }));
    assert.deepEqual(brief(answer), [
      'not-scheduled',
      'schedule',
      'It was not scheduled: no line names Sat 2026-11-21 10:07:00 UTC: ' +
        '"0 9 * * 1-5" does not match, because Saturday, day 21 of the month, is not in 1-5 and hour 10 is not in 9 and minute 7 is not in 0; ' +
        '"*/5 10 * 1-3 *" does not match, because month 11 is not in 1-3 and minute 7 is not in */5.',
    ]);
    assert.deepEqual([answer.previousMs, answer.nextMs], [ms('2026-11-20T09:00:00Z'), ms('2026-11-23T09:00:00Z')]);
  });

  it('takes both day fields for one condition, and parts of a second for none', () => {
    assert.match(
      explain('2026-11-21T09:00:30.500Z', cron({ expressions: ['15 0 9 13 * 5'] })).summary,
      /because Saturday, day 21 of the month, is not in 13 or 5 and second 30 is not in 15 and cron names whole seconds/,
    );
    assert.match(explain('2026-11-21T09:00:00.001Z').summary, /because cron names whole seconds\.$/);
  });

  it('says how far an instant is from the turns of an interval', () => {
    assert.deepEqual(brief(explain('2026-11-21T10:42:00Z', { schedule: hourly })), [
      'not-scheduled',
      'schedule',
      'It was not scheduled: the task runs every 1 h, counted from Sun 2026-11-01 00:30:00 UTC, and Sat 2026-11-21 10:42:00 UTC is 12 min after a turn.',
    ]);
  });

  it('says when a task runs that runs once', () => {
    const once = { kind: 'once', atMs: ms('2026-11-21T13:00:00Z') } as const;
    const answer = explain('2026-11-21T12:30:00Z', { schedule: once });
    assert.deepEqual(brief(answer), [
      'not-scheduled',
      'schedule',
      'It is not scheduled: the task runs once, at Sat 2026-11-21 13:00:00 UTC, and not at Sat 2026-11-21 12:30:00 UTC.',
    ]);
    assert.deepEqual([answer.previousMs, answer.nextMs], [null, once.atMs]);
    assert.deepEqual(brief(explain('2026-11-21T13:00:00Z', { schedule: once, expandedUntilMs: NOW })), [
      'will-run',
      'schedule expansion',
      'It will run: the schedule calls for it, and its row is written with the next turn of a scheduler.',
    ]);
    const immediate = { schedule: { kind: 'immediate' }, firstMs: ms('2026-11-20T08:00:00Z') } as const;
    const before = explain('2026-11-20T07:00:00Z', immediate);
    assert.deepEqual([before.previousMs, before.nextMs], [null, immediate.firstMs]);
    const after = explain('2026-11-20T09:00:00Z', immediate);
    assert.deepEqual([after.previousMs, after.nextMs], [immediate.firstMs, null]);
    assert.match(
      explain('2026-11-20T07:00:00Z', { ...immediate, firstMs: null }).summary,
      /runs once, as soon as it was written, and that was before its last edit/,
    );
  });

  const [monday, label] = ['2026-11-23T09:00:00Z', 'Freeze'];
  const exclusion = (calendar: string | null, rule: ExclusionRule) =>
    cron({
      timeZone: 'Europe/Rome',
      expressions: ['0 10 * * *'],
      exclusions: [{ calendar, timeZone: 'UTC', rules: [rule] }],
    });
  const bars: readonly (readonly [string, Partly<WhyRevision>, string, RegExp])[] = [
    ['its start', cron({ startsAtMs: ms('2026-12-01T00:00:00Z') }), 'schedule start', /starts at Tue 2026-12-01 00:00/],
    ['its end', cron({ endsAtMs: ms(monday) }), 'schedule end', /ends at Mon 2026-11-23 09:00:00 UTC/],
    [
      'a date of a calendar',
      exclusion('holidays', { kind: 'date', date: '2026-11-23', label: 'Thanks' }),
      'schedule exclusion',
      /: the calendar holidays excludes it: 2026-11-23, Thanks, until Tue 2026-11-24 01:00:00 \+01:00 \(Europe\/Rome\)\.$/,
    ],
    [
      'a range',
      exclusion(null, {
        kind: 'range',
        fromMs: ms('2026-11-22T00:00:00Z'),
        untilMs: ms('2026-11-25T00:00:00Z'),
        label,
      }),
      'schedule exclusion',
      /: a blackout window of the task excludes it: from Sun 2026-11-22 00:00:00 UTC, Freeze, until Wed/,
    ],
    [
      'a window that comes back every week',
      exclusion(null, { kind: 'weekly', weekdays: [1, 3], fromMinute: 510, untilMinute: 1_440, label: null }),
      'schedule exclusion',
      /excludes it: Mon, Wed from 08:30 to 24:00 until Tue/,
    ],
    [
      'a window of every day',
      exclusion(null, {
        kind: 'weekly',
        weekdays: [0, 1, 2, 3, 4, 5, 6],
        fromMinute: 0,
        untilMinute: 720,
        label: null,
      }),
      'schedule exclusion',
      /excludes it: every day from 00:00 to 12:00 until Mon/,
    ],
  ];
  for (const [name, revision, rules, pattern] of bars) {
    it(`names the rule that keeps a schedule from an instant: ${name}`, () => {
      const answer = explain(monday, revision);
      assert.deepEqual([answer.verdict, answer.rules.map(({ rule }) => rule).join(' ')], ['not-scheduled', rules]);
      assert.match(answer.summary, pattern);
    });
  }

  it('asks an interval for its start and its end too', () => {
    const schedule = { ...hourly, startsAtMs: ms('2026-11-21T14:30:00Z') };
    assert.match(explain('2026-11-21T13:30:00Z', { schedule }).summary, /starts at Sat 2026-11-21 14:30:00 UTC\.$/);
    assert.equal(explain('2026-11-21T15:30:00Z', { schedule: { ...hourly, endsAtMs: NOW } }).rules.at(-1)?.rule, 'end');
  });

  describe('when the limit of runs is reached', () => {
    const limited = (maxRuns: number) => cron({ maxRuns });
    it('names the last one, also one that is not written yet', () => {
      const lastSlotMs = ms('2026-11-21T09:00:00Z');
      const known = explain('2026-11-22T09:00:00Z', { ...limited(12), lastSlotMs, expandedUntilMs: null });
      assert.deepEqual(brief(known), [
        'not-scheduled',
        'schedule max-runs',
        'It is not scheduled: the schedule has had all the occurrences that its limit allows, the last one at Sat 2026-11-21 09:00:00 UTC.',
      ]);
      assert.deepEqual([known.previousMs, known.nextMs], [lastSlotMs, null]);
      assert.match(
        explain('2026-11-24T09:00:00Z', limited(14)).summary,
        /allows, the last one at Mon 2026-11-23 09:00/,
      );
      assert.match(explain('2026-11-24T09:00:00Z', limited(12)).summary, /that its limit allows\.$/);
    });

    it('lets through those that the limit still allows', () => {
      assert.equal(explain('2026-11-23T09:00:00Z', limited(14)).verdict, 'will-run');
      const lastSlotMs = ms('2026-11-23T09:00:00Z');
      assert.equal(explain('2026-11-23T09:00:00Z', { ...limited(14), lastSlotMs }).verdict, 'will-run');
      const past = explain('2026-11-21T09:00:00Z', limited(14));
      assert.deepEqual(
        past.rules.map(({ rule }) => rule),
        ['schedule', 'expansion'],
        'it was decided before',
      );
      const over = explain('2026-11-21T09:00:00Z', { ...limited(14), expandedUntilMs: null });
      assert.equal(over.rules.at(-1)?.rule, 'expansion');
      const second = { ...limited(1e9), schedule: { ...hourly, everyMs: 1_000, maxRuns: 1e9 } };
      assert.equal(explain('2027-11-23T09:00:00Z', second).verdict, 'will-run');
    });
  });

  describe('of a task that was not there or stood still', () => {
    it('says when it was created, or since when anything is known of it', () => {
      const rest = { revision: null, createdMs: ms('2026-11-09T00:00:00Z') };
      assert.deepEqual(brief(explain('2026-11-01T09:00:00Z', {}, rest)), [
        'not-scheduled',
        'task',
        'It was not scheduled: the task was created later, at Mon 2026-11-09 00:00:00 UTC.',
      ]);
      assert.deepEqual(brief(explain('2026-11-09T09:00:00Z', {}, rest)), [
        'unknown',
        'task',
        'It is not known whether it ran: the record of what the task was begins later, at Tue 2026-11-10 00:00:00 UTC.',
      ]);
    });

    it('says that it was deleted', () => {
      assert.deepEqual(brief(explain('2026-11-11T09:00:00Z', { isDeleted: true })), [
        'not-scheduled',
        'task',
        'It was not scheduled: the task was deleted at Tue 2026-11-10 00:00:00 UTC.',
      ]);
    });

    it('says since when and why it is inactive or paused', () => {
      const inactive = { status: 'inactive', statusReason: 'the instrument is away.' } as const;
      assert.deepEqual(brief(explain('2026-11-11T09:00:00Z', inactive)), [
        'did-not-run',
        'schedule status',
        'It did not run: the task has been inactive from Tue 2026-11-10 00:00:00 UTC: the instrument is away.',
      ]);
      assert.equal(explain('2026-11-25T09:00:00Z', inactive).verdict, 'not-scheduled');
      const validUntilMs = ms('2026-11-20T00:00:00Z');
      assert.match(
        explain('2026-11-11T09:00:00Z', { status: 'paused', validUntilMs }).summary,
        /: the task was paused from Tue 2026-11-10 00:00:00 UTC until Fri 2026-11-20 00:00:00 UTC\.$/,
      );
    });

    it('expects it to go on after a pause that has an end', () => {
      const paused = {
        status: 'paused',
        pausedUntilMs: ms('2026-11-22T00:00:00Z'),
        expandedUntilMs: ms('2026-11-20T00:00:00Z'),
      } as const;
      assert.deepEqual(brief(explain('2026-11-22T09:00:00Z', paused)), [
        'will-run',
        'schedule status',
        'It will run: the task is paused until Sun 2026-11-22 00:00:00 UTC, and goes on by itself then.',
      ]);
      assert.match(
        explain('2026-11-21T13:00:00Z', { ...paused, ...cron({ expressions: ['0 * * * *'] }) }).summary,
        /has been paused/,
      );
      const limited = { ...paused, ...cron({ maxRuns: 13 }) };
      assert.equal(explain('2026-11-22T09:00:00Z', limited).verdict, 'will-run');
      assert.equal(explain('2026-11-23T09:00:00Z', limited).rules.at(-1)?.rule, 'max-runs');
    });
  });

  describe('that the schedule calls for', () => {
    it('says when its row is written', () => {
      assert.deepEqual(brief(explain('2026-11-24T09:00:00Z')), [
        'will-run',
        'schedule expansion',
        'It will run: the schedule calls for it, and its row is written at Mon 2026-11-23 21:00:00 UTC.',
      ]);
      const behind = { expandedUntilMs: NOW, ...cron({ expressions: ['0 13 * * *'] }) };
      assert.match(
        explain('2026-11-21T13:00:00Z', behind).summary,
        /its row is written with the next turn of a scheduler/,
      );
    });

    it('names the error that keeps it from being written', () => {
      const broken = { expandError: 'the zone is unknown', expandedUntilMs: ms('2026-11-20T00:00:00Z') };
      assert.deepEqual(
        [explain('2026-11-20T09:00:00Z', broken), explain('2026-11-22T09:00:00Z', broken)].map(
          ({ verdict }) => verdict,
        ),
        ['did-not-run', 'not-scheduled'],
      );
      assert.match(explain('2026-11-22T09:00:00Z', broken).summary, /until the task is edited: the zone is unknown\.$/);
    });

    it('says what the misfire policy will do about it when no scheduler was there', () => {
      const late = { expandedUntilMs: ms('2026-11-19T00:00:00Z') };
      const verdicts = (revision: Partly<WhyRevision>) =>
        ['2026-11-20T09:00:00Z', '2026-11-21T09:00:00Z'].map((at) => explain(at, { ...late, ...revision }).verdict);
      assert.deepEqual(verdicts({ misfire: 'latest' }), ['did-not-run', 'will-run']);
      assert.deepEqual(verdicts({ misfire: 'all' }), ['will-run', 'will-run']);
      assert.deepEqual(verdicts({ misfire: 'skip' }), ['did-not-run', 'did-not-run']);
      assert.deepEqual(verdicts({ misfire: 'skip', misfireGraceMs: 4 * HOUR_MS }), ['did-not-run', 'will-run']);
      const lastly = cron({ endsAtMs: ms('2026-11-20T10:00:00Z') });
      assert.equal(explain('2026-11-20T09:00:00Z', { ...late, ...lastly }).verdict, 'will-run');
      assert.deepEqual(brief(explain('2026-11-20T09:00:00Z', late)), [
        'did-not-run',
        'schedule expansion misfire',
        'It did not run: the misfire policy is latest, so it is left out once a scheduler is there.',
      ]);
    });

    it('says that it does not know when the day is no longer kept, and that it is a fault when it is', () => {
      const old = { validFromMs: ms('2026-01-01T00:00:00Z') };
      assert.deepEqual(brief(explain('2026-10-16T09:00:00Z', old)), [
        'unknown',
        'schedule expansion',
        'It is not known whether it ran: the schedule called for it, but occurrences are kept for 35 days, and this one is older.',
      ]);
      assert.deepEqual(brief(explain('2026-10-17T09:00:00Z', old)), [
        'did-not-run',
        'schedule expansion',
        'It did not run: the schedule called for it, and nothing was recorded. This is a fault: the ledger counts it as unaccounted.',
      ]);
    });
  });
});

describe('explainInstant, at a change of the clocks', () => {
  const rome = (expressions: readonly string[], dst: Partly<CronSchedule['dst']> = {}): Partly<WhyRevision> =>
    cron({ expressions, timeZone: 'Europe/Rome', dst: { ...daily.dst, ...dst } });
  const [jump, firstPass, secondPass] = [
    '2027-03-28T01:00:00Z',
    '2027-10-31T00:30:00Z',
    '2027-10-31T01:30:00Z',
  ] as const;

  it('says that a time which does not exist runs after the jump', () => {
    const answer = explain(jump, rome(['30 2 * * *']));
    assert.equal(answer.verdict, 'will-run');
    assert.deepEqual(
      answer.rules.slice(0, 2).map(({ rule, text }) => [rule, text]),
      [
        ['schedule', 'The line "30 2 * * *" names 02:30.'],
        ['time-zone', '02:30 does not exist on that day: the clocks jump from 02:00 to 03:00, so it runs at 03:00.'],
      ],
    );
    assert.equal(explain(jump, rome(['0 2,3 * * *'])).rules[0]?.text, 'The line "0 2,3 * * *" names 02:00 and 03:00.');
  });

  it('says that it is left out when the policy says so', () => {
    assert.deepEqual(brief(explain(jump, rome(['15 30 2 * * *'], { gap: 'skip' }))), [
      'not-scheduled',
      'schedule time-zone',
      'It is not scheduled: 02:30:15 does not exist on that day: the clocks jump from 02:00 to 03:00, and the schedule leaves such times out.',
    ]);
    assert.equal(explain(jump, rome(['0 2,3 * * *'], { gap: 'skip' })).verdict, 'will-run', 'it names 03:00 as well');
  });

  it('tells of the jump when another time of that day is asked about, and only of that day', () => {
    const rules = (at: string) => explain(at, rome(['30 2 * * *', '45 2 * * *'])).rules.map(({ rule }) => rule);
    assert.deepEqual(rules('2027-03-28T01:30:00Z'), ['time-zone', 'time-zone', 'schedule']);
    assert.deepEqual(rules('2027-03-27T22:59:00Z'), ['schedule']);
    assert.deepEqual(
      explain('2027-03-28T01:30:00Z', rome(['*/30 2 * * *'])).rules.map(({ rule }) => rule),
      ['schedule'],
    );
  });

  it('gives the date with a time when a zone skips a whole day', () => {
    const samoa = cron({ expressions: ['0 9 * * *'], timeZone: 'Pacific/Apia' });
    const answer = explain('2011-12-30T10:00:00Z', { ...samoa, validFromMs: 0 }, { nowMs: ms('2011-12-29T10:00:00Z') });
    assert.match(
      answer.rules[1]?.text ?? '',
      /^2011-12-30 09:00 does not exist on that day: the clocks jump from 2011-12-30 00:00 to 00:00, so it runs at 00:00\.$/,
    );
  });

  const passes: readonly (readonly [CronSchedule['dst']['repeat'], string, string])[] = [
    ['first', 'will-run', 'not-scheduled'],
    ['last', 'not-scheduled', 'will-run'],
    ['both', 'will-run', 'will-run'],
  ];
  for (const [repeat, first, second] of passes) {
    it(`says which of two equal local times runs: ${repeat}`, () => {
      const answers = [firstPass, secondPass].map((at) => explain(at, rome(['30 2 * * *'], { repeat })));
      assert.deepEqual(
        answers.map(({ verdict, rules }) => [verdict, rules[1]?.rule]),
        [
          [first, 'time-zone'],
          [second, 'time-zone'],
        ],
      );
      const runs = { first: 'the first', last: 'the second', both: 'both' }[repeat];
      assert.deepEqual(
        answers.map(({ rules }) => rules[1]?.text),
        ['first', 'second'].map(
          (which) =>
            `The clocks show 02:30 twice on that day; this is the ${which} of the two, and the schedule runs at ${runs}.`,
        ),
      );
    });
  }

  it('says that both run when elapsed time counts', () => {
    assert.match(explain(secondPass, rome(['*/30 * * * *'])).rules[1]?.text ?? '', /runs at both, because a line/);
  });
});

describe('explainInstant, of an occurrence', () => {
  const due = { runs: [RUN] } as const;
  const failedRun: WhyRun = { ...RUN, outcome: 'failed', error: 'no answer.', elapsedMs: null, processor: null };
  const secondRun: WhyRun = { ...RUN, attempt: 2, dueMs: RUN.dueMs + MINUTE_MS, startMs: RUN.startMs + MINUTE_MS };

  const cases: readonly (readonly [string, Partly<WhyOccurrence>, Partly<WhyRevision>, string, string, RegExp])[] = [
    [
      'completed',
      due,
      {},
      'ran',
      'schedule run',
      /^It ran: attempt 1 started at Sat 2026-11-21 09:00:00 UTC, 12 ms after it was due, on processor-1, and completed within 1 s 250 ms\.$/,
    ],
    [
      'completed, its runs forgotten',
      { startMs: null },
      {},
      'ran',
      'schedule run',
      /^It ran: attempt 1, and completed\.$/,
    ],
    [
      'completed with the second attempt',
      { attempt: 2, runs: [secondRun, failedRun] },
      {},
      'ran',
      'schedule retry run',
      /attempt 2 started/,
    ],
    [
      'completed after it had waited',
      { ...due, blockedBy: '7-1', runs: [{ ...RUN, dueMs: RUN.dueMs + MINUTE_MS }] },
      { flexibleWindowMs: HOUR_MS },
      'ran',
      'schedule overlap run',
      /, 0 ms after it was due/,
    ],
    [
      'completed at its place in a flexible window',
      { runs: [{ ...RUN, dueMs: RUN.dueMs + 200_000, startMs: RUN.dueMs + 200_000 }] },
      { flexibleWindowMs: 600_000 },
      'ran',
      'schedule placement run',
      /completed/,
    ],
    [
      'completed where advice had moved it',
      { runs: [{ ...RUN, dueMs: RUN.dueMs + 200_000, startMs: RUN.dueMs + 200_000 }] },
      { flexibleWindowMs: 600_000, advice: { id: '7', offsetMs: 200_000 } },
      'ran',
      'schedule placement run',
      /completed/,
    ],
    [
      'failed',
      { status: 'Failed', attempt: 2, runs: [{ ...failedRun, attempt: 2 }, failedRun], reason: 'x' },
      {},
      'ran',
      'schedule retry run',
      /and failed for good, as a dead letter: no answer\.$/,
    ],
    [
      'failed for a reason',
      { status: 'Failed', reason: 'lost' },
      {},
      'ran',
      'schedule run',
      /failed for good, as a dead letter: lost\.$/,
    ],
    ['failed without a word', { status: 'Failed' }, {}, 'ran', 'schedule run', /failed for good, as a dead letter\.$/],
    [
      'running',
      { status: 'Running', lockedBy: 'processor-2', runs: [{ ...RUN, outcome: null, processor: null }] },
      {},
      'running',
      'schedule run',
      /^It is running: attempt 1 started at .*, on processor-2\.$/,
    ],
    [
      'waiting',
      { status: 'Scheduled', attempt: 0, dueMs: NOW + 1 },
      {},
      'will-run',
      'schedule',
      /the line "0 9 \* \* \*" names Sat/,
    ],
    [
      'overdue',
      { status: 'Scheduled', attempt: 0, dueMs: RUN.dueMs },
      {},
      'will-run',
      'schedule run',
      /: it has been due since Sat 2026-11-21 09:00:00 UTC, and is handed out next\.$/,
    ],
    [
      'queued',
      { status: 'Queued', attempt: 0, claimedDueMs: RUN.dueMs },
      {},
      'will-run',
      'schedule run',
      /on its way to a processor/,
    ],
    [
      'placed in a flexible window',
      { status: 'Scheduled', attempt: 0, dueMs: RUN.dueMs + 4 * HOUR_MS },
      { flexibleWindowMs: 5 * HOUR_MS },
      'will-run',
      'schedule placement',
      /: its place is 4 h after its time, within its flexible window of 5 h: at Sat 2026-11-21 13:00:00 UTC\.$/,
    ],
    [
      'moved by a person',
      { status: 'Scheduled', attempt: 0, dueMs: NOW + HOUR_MS, movedMs: RUN.dueMs - HOUR_MS },
      { flexibleWindowMs: DAY_MS },
      'will-run',
      'schedule moved',
      /: a person moved it at Sat 2026-11-21 08:00:00 UTC, to Sat 2026-11-21 13:00:00 UTC\.$/,
    ],
    [
      'moved, and skipped',
      {
        status: 'Skipped',
        attempt: 0,
        movedMs: RUN.dueMs,
        blockedBy: '7-1',
        reason: 'occurrence 7-1 of the task was running',
      },
      {},
      'did-not-run',
      'schedule moved overlap',
      /: it was skipped: occurrence 7-1 of the task was running\.$/,
    ],
    [
      'caught up with later',
      { status: 'Scheduled', trigger: 'catch-up', attempt: 0, dueMs: NOW + HOUR_MS },
      {},
      'will-run',
      'schedule misfire',
      /the misfire policy latest has it run later, at Sat 2026-11-21 13:00:00 UTC\.$/,
    ],
    [
      'caught up with, and expired',
      { status: 'Expired', trigger: 'catch-up', attempt: 0, reason: 'it could not start before its start expiry' },
      { startExpiryMs: 90_000 },
      'did-not-run',
      'schedule misfire start-expiry',
      /: it expired: it could not start before its start expiry, 1 min 30 s after its time\.$/,
    ],
    [
      'expired',
      { status: 'Expired', attempt: 0, reason: 'too late' },
      {},
      'did-not-run',
      'schedule start-expiry',
      /: too late\.$/,
    ],
    [
      'left to the misfire policy',
      { status: 'Scheduled', attempt: 0, dueMs: RUN.dueMs, isLeftToCatchUp: true },
      {},
      'will-run',
      'schedule misfire',
      /its misfire policy decides about it next\.$/,
    ],
    [
      'left out by the misfire policy',
      { status: 'Skipped', attempt: 0, reason: 'missed: its time passed while nobody was there' },
      {},
      'did-not-run',
      'schedule misfire',
      /: it was skipped: missed:/,
    ],
    [
      'skipped',
      { status: 'Skipped', attempt: 0 },
      {},
      'did-not-run',
      'schedule overlap',
      /no reason was recorded for Skipped/,
    ],
    [
      'waiting for another one',
      { status: 'Scheduled', attempt: 0, dueMs: NOW + 5_000, blockedBy: '7-1' },
      {},
      'will-run',
      'schedule overlap',
      /: it waits until the occurrence 7-1 has ended\.$/,
    ],
    [
      'waiting for another one, with a reason',
      { status: 'Scheduled', attempt: 0, dueMs: NOW + 5_000, blockedBy: '7-1', reason: 'waits until 7-1 has ended' },
      {},
      'will-run',
      'schedule overlap',
      /: it waits until 7-1 has ended\.$/,
    ],
    [
      'to be tried again',
      { status: 'Scheduled', attempt: 1, dueMs: NOW + MINUTE_MS, runs: [failedRun] },
      {},
      'will-run',
      'schedule retry retry',
      /: it is tried again at Sat 2026-11-21 12:01:00 UTC\.$/,
    ],
    [
      'redriven',
      { status: 'Scheduled', attempt: 3, dueMs: NOW + 1, reason: 'redriven', runs: [{ ...failedRun, attempt: 3 }] },
      {},
      'will-run',
      'schedule retry retry person',
      /^It will run: a person sent it round again\.$/,
    ],
    ['on its way again', { status: 'Queued', attempt: 1 }, {}, 'will-run', 'schedule retry run', /on its way/],
    [
      'asked for by a person',
      { trigger: 'manual', status: 'Scheduled', attempt: 0, dueMs: NOW + 1 },
      {},
      'will-run',
      'person',
      /: a person asked for this run\.$/,
    ],
    [
      'backfilled',
      { trigger: 'backfill', status: 'Scheduled', attempt: 0, dueMs: NOW + 1 },
      {},
      'will-run',
      'schedule person',
      /: a person asked for a backfill of this time\.$/,
    ],
    [
      'cancelled by a person',
      cancelled('cancelled by a person'),
      {},
      'did-not-run',
      'schedule person',
      /: it was cancelled: cancelled by/,
    ],
    ['cancelled by an edit', cancelled('the task was edited'), {}, 'did-not-run', 'schedule edit', /edited\.$/],
    ['cancelled by a pause', cancelled('the task was paused'), {}, 'did-not-run', 'schedule status', /paused\.$/],
    ['cancelled by a deletion', cancelled('the task was deleted'), {}, 'did-not-run', 'schedule task', /deleted\.$/],
    [
      'cancelled by another one',
      { ...cancelled('ended so that occurrence 7-2 could start'), attempt: 1 },
      {},
      'ran',
      'schedule overlap',
      /7-2 could start\.$/,
    ],
    [
      'cancelled by a calendar',
      cancelled('a calendar of the task was changed'),
      {},
      'did-not-run',
      'schedule exclusion',
      /calendar/,
    ],
    [
      'cancelled between two attempts',
      { ...cancelled('attempt 1 failed'), attempt: 1, runs: [{ ...failedRun, outcome: null, error: null }] },
      {},
      'ran',
      'schedule retry run',
      /^It ran: it was cancelled: attempt 1 failed\.$/,
    ],
  ];
  for (const [name, occurrence, revision, verdict, rules, pattern] of cases) {
    it(`that is or was ${name}`, () => {
      const answer = explainOccurrence(occurrence, revision);
      assert.deepEqual([answer.verdict, answer.rules.map(({ rule }) => rule).join(' ')], [verdict, rules]);
      assert.match(answer.summary, pattern);
    });
  }

  it('tells of a task that runs once in UTC', () => {
    const schedule = { kind: 'once', atMs: OCCURRENCE.scheduledMs } as const;
    assert.match(
      explainOccurrence(due, { schedule }).rules[0]?.text ?? '',
      /runs once: at Sat 2026-11-21 09:00:00 UTC/,
    );
  });

  it('stands under the revision that called for it, when the one in force does not', () => {
    const other = cron({ expressions: ['0 8 * * *'] });
    assert.match(explainOccurrence(due, other).rules[0]?.text ?? '', /"0 9 \* \* \*" names Sat/);
    assert.match(
      explainOccurrence({ ...due, under: null }, other).rules[0]?.text ?? '',
      /an earlier revision called for it/,
    );
    const answer = explain('2026-11-21T09:00:00Z', {}, { revision: null, occurrence: { ...OCCURRENCE, ...due } });
    assert.deepEqual([answer.verdict, answer.rules[0]?.rule], ['ran', 'schedule']);
    const movedAndClaimed = { status: 'Running', trigger: 'catch-up', movedMs: NOW, attempt: 1 } as const;
    assert.deepEqual(
      explainOccurrence(movedAndClaimed)
        .rules.map(({ text }) => text)
        .slice(1, 3),
      [
        'A person moved it at Sat 2026-11-21 12:00:00 UTC.',
        'Its time passed while nobody was there, and the misfire policy latest has it run later.',
      ],
    );
    const expired = explain(
      '2026-11-21T09:00:00Z',
      { startExpiryMs: 60_000 },
      {
        revision: null,
        occurrence: { ...OCCURRENCE, status: 'Expired', attempt: 0 },
      },
    );
    assert.match(expired.summary, /, 1 min after its time\.$/);
  });
});

function cancelled(reason: string): Partly<WhyOccurrence> {
  return { status: 'Cancelled', attempt: 0, reason };
}
