import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Advice, AppliedAdvice } from '../../api/contract/advice.ts';
import type { Calendar } from '../../api/contract/calendar.ts';
import type { Forecast } from '../../api/contract/forecast.ts';
import type { Ledger, Why } from '../../api/contract/ledger.ts';
import type { LogLine, Occurrence } from '../../api/contract/occurrence.ts';
import type { Task, TaskDryRun } from '../../api/contract/task.ts';
import { addressOf, type AlmanacProcess, runAlmanac } from '../support/almanac.ts';
import { type CommandLine, commandLineOf } from '../support/command-line.ts';
import { eventually } from '../support/eventually.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/migrated-database.ts';

describe('the commands that ask a server', function () {
  this.timeout(240_000);
  let folder: string;
  let migrated: MigratedDatabase;
  let server: AlmanacProcess;
  let url: string;
  let almanac: CommandLine;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'almanac-cli-'));
    migrated = await createMigratedDatabase(3);
    server = runAlmanac(['start', '--no-examples', '--port', '0'], {
      ALMANAC_DATA_DIR: join(folder, 'data'),
      ALMANAC_LOG_LEVEL: 'warn',
      DATABASE_URL: migrated.url,
    });
    url = await addressOf(server);
    almanac = commandLineOf(url);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await migrated[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('creates a task from a file, and finds it again by its id and by its key', async () => {
    const file = taskFile('weekday.yaml', WEEKDAY);
    const plan = await json<TaskDryRun>('tasks', 'create', '-f', file, '--dry-run');
    assert.equal(plan.nextRuns.length, 5);
    assert.deepEqual(await json<Task[]>('tasks', 'list'), []);

    const said = await done('tasks', 'create', '-f', file, '--time-zone', 'Europe/Rome');
    assert.match(said, /^Created task \d+\.$/m);
    assert.match(said, /^schedule +At 09:00, Monday through Friday \(Europe\/Rome\)$/m);
    assert.match(said, /^ {2}\d{4}-\d\d-\d\d 09:00:00 \+0[12]:00$/m);
    const task = await json<Task>('tasks', 'show', 'weekday');
    assert.deepEqual(await json<Task>('tasks', 'show', task.id), task);
    assert.match(await done('tasks', 'show', 'weekday'), /^payload +\{"sleepMs":1\}$/m);
  });

  it('lists tasks in columns, as JSON, by status, and page by page', async () => {
    for (const n of [1, 2, 3]) await create(`listed-${n}`, { labels: { list: 'yes' } });
    const lines = (await done('tasks', 'list', '--label', 'list=yes')).split('\n');
    assert.match(String(lines[0]), /^ID +KEY +STATUS +TYPE +NEXT RUN +NAME +SCHEDULE$/);
    assert.match(String(lines[1]), /^\d+ +listed-1 +active +noop +2199-01-01 00:00:00 \+00:00 +listed-1 +Once, at /);
    const { code, stdout, stderr } = await almanac('tasks', 'list', '--label', 'list=yes', '--limit', '2', '--json');
    assert.equal(code, 0);
    assert.deepEqual(keysOf(JSON.parse(stdout) as Task[]), ['listed-1', 'listed-2']);
    assert.match(stderr, /^There are more than these 2/);
    const all = await json<Task[]>('tasks', 'list', '--label', 'list=yes', '--limit', '1', '--all');
    assert.deepEqual(keysOf(all), ['listed-1', 'listed-2', 'listed-3']);
    assert.deepEqual(await json<Task[]>('tasks', 'list', '--status', 'paused'), []);
  });

  it('pauses, resumes, deactivates and deletes a task, and shows what it was', async () => {
    await create('changing');
    assert.match(
      await done('tasks', 'pause', 'changing', '--until', '+2h', '--reason', 'holiday'),
      /^Task \d+ is paused until \d/,
    );
    assert.match(await done('tasks', 'show', 'changing'), /^reason +holiday$/m);
    assert.match(await done('tasks', 'resume', 'changing'), /^Task \d+ is active\. Next run: 2199-01-01 00:00:00 /);
    assert.match(await done('tasks', 'deactivate', 'changing'), /^Task \d+ is inactive\.$/m);
    const history = await done('tasks', 'history', 'changing');
    assert.deepEqual(
      history.split('\n').map((line) => line.split(/ {2,}/)[1]),
      ['CHANGE', 'deactivated', 'activated', 'paused', 'created'],
    );
    assert.match(await done('tasks', 'delete', 'changing'), /^Deleted task \d+, changing\.$/m);
    await refused(/There is no task with the id or the key changing\./, 'tasks', 'show', 'changing');
  });

  it('runs a task and says by its exit code how that ended', async () => {
    await create('succeeds');
    await create('fails', { payload: { fail: true }, retry: { maxAttempts: 1 } });
    assert.match(await done('run', 'succeeds', '--wait'), /^status +Completed$/m);
    const { code, stdout } = await almanac('run', 'fails', '--wait');
    assert.equal(code, 1);
    assert.match(stdout, /^status +Failed$/m);
    assert.match(await done('run', 'fails'), /^trigger +manual$/m);
    await create('sleeps', { payload: { sleepMs: 60_000 } });
    await refused(/has not ended yet/, 'run', 'sleeps', '--wait', '--timeout', '2s');
  });

  it('asks a run to stop', async () => {
    const [running] = await json<Occurrence[]>('occurrences', 'list', '--task', 'sleeps');
    const id = running?.id ?? '';
    await eventually(async () => (await json<Occurrence>('occurrences', 'show', id)).status === 'Running');
    assert.match(await done('occurrences', 'cancel', id), /^Occurrence \S+ runs and is asked to stop\.$/m);
    await eventually(async () => (await json<Occurrence>('occurrences', 'show', id)).status === 'Cancelled');
  });

  it('shows, moves and cancels occurrences', async () => {
    const [occurrence] = await occurrencesOf('weekly');
    const id = occurrence?.id ?? '';
    assert.match(await done('occurrences', 'show', id), /^status +Scheduled$/m);
    assert.match(await done('occurrences', 'reschedule', id, '+90m'), /^Occurrence \S+ is due at \d/);
    assert.match(await done('occurrences', 'cancel', id), /^Occurrence \S+ is cancelled\.$/m);
    await refused(/Cancelled/, 'occurrences', 'reschedule', id, '+90m');
    await refused(/Failed/, 'occurrences', 'redrive', id);
    const list = await done('occurrences', 'list', '--task', 'weekly', '--status', 'Cancelled', '--until', '+60d');
    assert.match(list, new RegExp(`^${id} .* Cancelled `, 'm'));
    await refused(/There is no occurrence 1-5\./, 'occurrences', 'show', '1-5');
    await refused(/is not an instant/, 'occurrences', 'list', '--from', 'yesterday');
  });

  it('prints the lines of a run, of an occurrence, and those still to come', async () => {
    await create('reminds', { taskType: 'reminder', payload: { message: 'Calibrate it.' } });
    const { id } = await json<Occurrence>('run', 'reminds');
    const followed = await done('logs', id, '--follow');
    assert.match(followed, /^\d{4}-\S+ \S+ \+00:00 {2}#1 {2}info {3}Reminder to nobody.*: Calibrate it\.$/m);
    assert.equal(await done('logs', `${id}-1`), followed);
    const lines = await json<(LogLine & { runId: string })[]>('logs', id);
    assert.deepEqual(
      lines.map(({ runId, seq }) => [runId, seq]),
      [[`${id}-1`, lines[0]?.seq]],
    );
    await refused(/is the id of neither a run nor an occurrence/, 'logs', 'reminds');
    await refused(/There is no run/, 'logs', '1-2-3');
  });

  it('lists and redrives dead letters', async () => {
    await create('dies', { payload: { fail: true }, retry: { maxAttempts: 1 } });
    const { stdout } = await almanac('run', 'dies', '--wait', '--json');
    const { id } = JSON.parse(stdout) as Occurrence;
    const list = await done('dead-letters', 'list', '--task', 'dies');
    assert.match(list, new RegExp(`^${id} .* dies +The payload asks for a failure\\.$`, 'm'));
    await refused(/Say which/, 'dead-letters', 'redrive');
    assert.equal(await done('dead-letters', 'redrive', '--task', 'dies', '--dry-run'), '1 would be redriven.');
    assert.equal(await done('dead-letters', 'redrive', id), '1 redriven.');
    await eventually(async () => (await json<Occurrence>('occurrences', 'show', id)).attempt === 2);
    await eventually(async () => (await json<Occurrence>('occurrences', 'show', id)).status === 'Failed');
    assert.match(await done('occurrences', 'redrive', id), /^Occurrence \S+ goes round again\.$/m);
  });

  it('applies, imports, shows and deletes calendars', async () => {
    const file = textFile('calendars.yaml', CALENDARS);
    assert.equal(await done('calendars', 'apply', '-f', file), 'Calendars: 1 created, 0 changed, 0 unchanged');
    assert.equal(await done('calendars', 'apply', '-f', file), 'Calendars: 0 created, 0 changed, 1 unchanged');
    await refused(/no task with the id or the key of-the-file/, 'tasks', 'show', 'of-the-file');
    assert.match(await done('calendars', 'show', 'closures'), /^date +2026-12-25 +Christmas$/m);

    const ical = textFile('holidays.ics', ICAL);
    const planned = await done('calendars', 'import', 'holidays', ical, '--dry-run');
    assert.match(planned, /^Would be imported as holidays: .* 1 rules\.$/m);
    await refused(/There is no calendar holidays\./, 'calendars', 'show', 'holidays');
    assert.match(
      await done('calendars', 'import', 'holidays', ical, '--title', 'Feste'),
      /^Imported as holidays: Feste/,
    );
    const calendars = await json<Calendar[]>('calendars', 'list');
    assert.deepEqual(
      calendars.map(({ name, title }) => [name, title]),
      [
        ['closures', 'Closures'],
        ['holidays', 'Feste'],
      ],
    );

    const schedule = { kind: 'cron', expressions: ['0 9 * * *'], calendars: ['holidays'] };
    await create('on-workdays', { schedule });
    await refused(/is named by the task/, 'calendars', 'delete', 'holidays');
    assert.equal(await done('calendars', 'delete', 'closures'), 'Deleted calendar closures.');
  });

  it('says why a task runs or does not', async () => {
    const why = await json<Why>('why', 'weekday', '-2h');
    assert.equal(why.verdict, 'not-scheduled');
    const said = await done('why', 'weekday', '-2h');
    assert.ok(said.startsWith(`${why.summary}\n`));
    assert.match(said, /^→ /m);
    assert.match(said, /^verdict +not-scheduled$/m);
    await refused(/is not an instant/, 'why', 'weekday', '2026-11-21');
  });

  it('backfills a past range', async () => {
    await create('hourly', { schedule: { kind: 'cron', expressions: ['0 * * * *'] } });
    const range = ['backfill', 'hourly', '--from', '-3h', '--until', '-1h'];
    assert.match(await done(...range, '--dry-run'), /^would be written +2$/m);
    assert.match(await done(...range), /^written +2$/m);
    assert.match(await done(...range), /^there already +2$/m);
    await refused(/^ {2}until: /m, 'backfill', 'hourly', '--from', '-1h', '--until', '-3h');
  });

  it('fails when the ledger has an occurrence that nobody recorded', async () => {
    const schedule = { kind: 'interval', everyMs: 1_000, maxRuns: 2 };
    await create('twice', { schedule });
    const ended = await eventually(async () => {
      const found = await json<Occurrence[]>('occurrences', 'list', '--task', 'twice', '--status', 'Completed');
      return found.length === 2 && found;
    });
    assert.match(await done('ledger', '--from', '-1h'), /^unaccounted +0$/m);
    const [taskId, scheduledMs] = String(ended[0]?.id).split('-');
    await migrated.database.dataSource.query(
      'delete from task_schedule where task_id = $1 and scheduled_time = to_timestamp($2::bigint / 1000.0)',
      [taskId, scheduledMs],
    );
    const { code, stdout } = await almanac('ledger', '--from', '-1h', '--json');
    assert.equal(code, 1);
    const ledger = JSON.parse(stdout) as Ledger;
    assert.equal(ledger.unaccounted, 1);
    const { stdout: said } = await almanac('ledger', '--from', '-1h');
    assert.match(said, new RegExp(`^unaccounted {2}task ${taskId} `, 'm'));
  });

  it('previews a cron expression in its time zone', async () => {
    const from = ['--from', '2027-03-27T12:00:00Z', '--count', '2'];
    assert.equal(
      await done('preview', '30 2 * * *', '--time-zone', 'Europe/Rome', ...from),
      [
        'At 02:30 (Europe/Rome)',
        '  2027-03-28 03:00:00 +02:00  the clock jumps over its time: moved to the first instant after the gap',
        '  2027-03-29 02:30:00 +02:00',
      ].join('\n'),
    );
    await refused(/^ {2}expression: /m, 'preview', '* * *');
    await refused(/--time-zone CEST: /, 'preview', '0 9 * * *', '--time-zone', 'CEST');
  });

  it('asks for advice, moves what it says, and takes it back', async () => {
    const at = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 3_000_000).toISOString();
    const draft = join(folder, 'movable.json');
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const schedule = { kind: 'interval', everyMs: 86_400_000, startsAt: at };
      const policies = name === 'a' ? { flexibleWindowMs: 300_000, placement: 'hash' } : {};
      writeFileSync(draft, JSON.stringify({ name: `movable ${name}`, taskType: 'noop', schedule, policies }));
      ids.push((await json<Task>('tasks', 'create', '-f', draft)).id);
    }
    assert.match(await done('advice', '--hours', '2'), /No flexible task could be moved for a lower peak/);
    const advice = await json<Advice>('advice', '--hours', '2');
    assert.equal(advice.moves.length, 0, 'some ms of work need one instance wherever they are');
    await refused(/There is nothing to apply/, 'advice', 'apply');
    await refused(
      /--suggest 4711: the advice does not suggest to move this task/,
      'advice',
      'apply',
      '--suggest',
      '4711',
    );
    const body = { moves: [{ taskId: ids[0], revision: 1, offsetMs: 60_000 }] };
    const answer = await fetch(`${url}/api/v1/forecast/advice/apply`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { id } = (await answer.json()) as AppliedAdvice;
    assert.match(await done('advice', 'applied'), new RegExp(`${id} .* default +1 +\\d+ to \\d+ +applied`));
    assert.equal(await done('advice', 'undo', String(id)), `Advice ${id} is undone: 1 restored.`);
    await refused(/There is no applied advice 4711/, 'advice', 'undo', '4711');
  });

  it('shows the forecast, one line for ten minutes', async () => {
    const forecast = await json<Forecast>('forecast', '--hours', '1');
    assert.equal(forecast.steps.length, 60);
    const lines = (await done('forecast', '--hours', '1')).split('\n');
    assert.match(String(lines[0]), /^FROM +REQUIRED +LIKELY +PLANNED +READY +BUSY +LIMIT +LATE +MOST WORK$/);
    assert.equal(lines.length, 7);
  });

  it('says what is wrong with the words, the address and the file', async () => {
    await refused(/^Say what to do with tasks\.\nSee `almanac --help`\./, 'tasks');
    await refused(/^Unknown argument: frobnicate/, 'frobnicate');
    await refused(/^There is no Almanac at http:\/\/127\.0\.0\.1:1\./, 'tasks', 'list', '--url', 'http://127.0.0.1:1');
    await refused(/is not an address/, 'tasks', 'list', '--url', 'localhost');
    await refused(/can not be read/, 'tasks', 'create', '-f', join(folder, 'nothing.yaml'));
    await refused(/expressions: /, 'tasks', 'create', '-f', taskFile('bad.yaml', { schedule: { kind: 'cron' } }));
    await refused(
      /^ {2}taskType: there is no task type nope/m,
      'tasks',
      'create',
      '-f',
      taskFile('n.yaml', { taskType: 'nope' }),
    );
    await refused(/--limit: /, 'tasks', 'list', '--limit', '0');
  });

  /** What a command prints that ends well. */
  async function done(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await almanac(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout.trimEnd();
  }

  async function json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await done(...args, '--json')) as T;
  }

  async function refused(message: RegExp, ...args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await almanac(...args);
    assert.equal(code, 1, `${args.join(' ')}: ${stdout}`);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /^ {4}at /m, 'a sentence, and no stack');
    assert.equal(stdout, '');
  }

  async function create(key: string, draft: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await done('tasks', 'create', '-f', taskFile(`${key}.yaml`, { key, name: key, ...draft }));
  }

  /** The occurrences of a task that has some in the coming hours. */
  async function occurrencesOf(key: string): Promise<Occurrence[]> {
    await create(key, { schedule: { kind: 'interval', everyMs: 1_800_000, startsAt: soon() } });
    return eventually(async () => {
      const found = await json<Occurrence[]>('occurrences', 'list', '--task', key, '--status', 'Scheduled');
      return found.length > 0 && found;
    });
  }

  function taskFile(name: string, draft: Readonly<Record<string, unknown>>): string {
    return textFile(name, JSON.stringify({ ...PLAIN, ...draft }));
  }

  function textFile(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
});

const PLAIN = { name: 'plain', taskType: 'noop', schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' } };
const WEEKDAY = {
  key: 'weekday',
  name: 'Every weekday',
  payload: { sleepMs: 1 },
  schedule: { kind: 'cron', expressions: ['0 9 * * 1-5'], timeZone: 'Europe/Rome' },
};
const CALENDARS = `
calendars:
  - name: closures
    title: Closures
    rules: [{ kind: date, date: 2026-12-25, label: Christmas }]
tasks:
  - { name: Of the file, taskType: noop, schedule: { kind: immediate } }
`;
const ICAL = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//test//test//EN',
  'BEGIN:VEVENT',
  'UID:1@example.org',
  'DTSTAMP:20260101T000000Z',
  'DTSTART;VALUE=DATE:20261225',
  'DTEND;VALUE=DATE:20261226',
  'SUMMARY:Natale',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');

function soon(): string {
  return new Date(Date.now() + 1_800_000).toISOString();
}

function keysOf(tasks: readonly Task[]): (string | null)[] {
  return tasks.map(({ key }) => key);
}
