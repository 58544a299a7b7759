import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Calendar } from '../../api/contract/calendar.ts';
import type { TaskRevision } from '../../api/contract/ledger.ts';
import type { Task, TaskPage } from '../../api/contract/task.ts';
import { openTestApi, type TestApi } from '../support/api.ts';
import { type CommandLine, commandLineOf, type Said } from '../support/command-line.ts';

const COPIES = 20;
const TASKS = 200;

interface Report {
  readonly calendars: readonly { readonly name: string; readonly change: string }[];
  readonly tasks: readonly { readonly name: string; readonly change: string; readonly fields: readonly string[] }[];
}

describe('almanac apply', function () {
  this.timeout(300_000);
  let api: TestApi;
  let almanac: CommandLine;
  let folder: string;
  let file: string;

  before(async () => {
    api = await openTestApi();
    almanac = commandLineOf(api.url);
    folder = mkdtempSync(join(tmpdir(), 'almanac-apply-'));
    file = join(folder, 'tasks.yaml');
  });
  after(async () => {
    await api[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what it would do, and does nothing then', async () => {
    writeFileSync(file, fileText());
    const { code, stdout, stderr } = await almanac('apply', '-f', file, '--dry-run');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^created {4}calendar holidays$/m);
    assert.match(stdout, /^created {4}task report-17$/m);
    assert.match(stdout, /^Tasks would be: 200 created, 0 changed, 0 unchanged$/m);
    assert.equal((await allTasks()).length, 0);
    assert.deepEqual(await calendars(), []);
  });

  it('in twenty processes at once creates every task and calendar once', async () => {
    const other = await api.createTask({ name: 'of somebody else' });
    const reports = await applyTwentyTimes();
    assert.equal(countOf(reports, 'created'), TASKS);
    assert.equal(countOf(reports, 'unchanged'), (COPIES - 1) * TASKS);

    const tasks = await allTasks();
    assert.equal(tasks.length, TASKS + 1);
    assert.equal(new Set(tasks.map(({ key }) => key)).size, TASKS + 1);
    assert.deepEqual(new Set(tasks.map(({ revision }) => revision)), new Set([1]));
    assert.deepEqual(
      (await calendars()).map(({ name, revision }) => [name, revision]),
      [
        ['holidays', 1],
        ['nights', 1],
      ],
    );
    assert.equal(tasks.find(({ id }) => id === other.id)?.name, 'of somebody else');
  });

  it('in twenty processes at once on what is there already changes nothing', async () => {
    const before = await allTasks();
    const reports = await applyTwentyTimes();
    assertUnchanged(reports);
    assert.deepEqual(await allTasks(), before);
  });

  it('names the fields that a changed file would change', async () => {
    writeFileSync(file, fileText({ reportAt: '10', nightFrom: '21:00' }));
    const { stdout } = await almanac('apply', '-f', file, '--dry-run');
    assert.match(stdout, /^changed {4}calendar nights: rules$/m);
    assert.match(stdout, /^changed {4}task report-17: schedule\.expressions$/m);
    assert.match(stdout, /^unchanged {2}task tick-1$/m);
    assert.match(stdout, /^Tasks would be: 0 created, 100 changed, 100 unchanged$/m);
  });

  it('in twenty processes at once makes every change once', async () => {
    const reports = await applyTwentyTimes();
    assert.equal(countOf(reports, 'changed'), 100);
    assert.equal(countOf(reports, 'created'), 0);

    const tasks = await allTasks();
    assert.equal(tasks.length, TASKS + 1);
    const revisionsOf = (prefix: string) =>
      new Set(tasks.filter(({ key }) => key?.startsWith(prefix)).map(({ revision }) => revision));
    assert.deepEqual(revisionsOf('report-'), new Set([2]));
    assert.deepEqual(revisionsOf('audit-'), new Set([2]));
    assert.deepEqual(revisionsOf('tick-'), new Set([1]));
    assert.deepEqual(revisionsOf('opening-'), new Set([1]));
    assert.deepEqual(await changesOf(tasks, 'report-1'), ['edited', 'created']);
    assert.deepEqual(await changesOf(tasks, 'audit-1'), ['calendar', 'created']);
    assert.deepEqual(
      (await calendars()).map(({ name, revision }) => [name, revision]),
      [
        ['holidays', 1],
        ['nights', 2],
      ],
    );
    assertUnchanged(await applyTwentyTimes());
  });

  it('in processes with different files lets every task end as one of them says, with no change lost', async () => {
    const files = ['11', '12', '13', '14'].map((reportAt) => {
      const path = join(folder, `${reportAt}.yaml`);
      writeFileSync(path, fileText({ reportAt, nightFrom: '21:00' }));
      return path;
    });
    const all = await Promise.all(files.map((path) => almanac('apply', '-f', path, '--json')));
    const changes = countOf(all.map(reportOf), 'changed');
    const tasks = await allTasks();
    const ofReports = tasks.filter(({ key }) => key?.startsWith('report-'));
    const bumps = ofReports.reduce((sum, { revision }) => sum + revision - 2, 0);
    assert.equal(changes, bumps);
    assert.ok(ofReports.every(({ schedule }) => /^0 1[1-4] /.test(expressionOf(schedule))));
  });

  it('applies what it can and names what was refused', async () => {
    const refused = join(folder, 'refused.yaml');
    writeFileSync(
      refused,
      `tasks:
  - { name: good, taskType: noop, schedule: { kind: cron, expressions: ['0 1 * * *'] } }
  - { name: bad, taskType: nope, schedule: { kind: cron, expressions: ['0 0 31 2 *'] } }
  - { name: lost, taskType: noop, schedule: { kind: cron, expressions: ['0 1 * * *'], calendars: [nobody] } }
`,
    );
    const { code, stdout, stderr } = await almanac('apply', '-f', refused);
    assert.equal(code, 1);
    assert.match(stdout, /^Tasks: 1 created, 0 changed, 0 unchanged$/m);
    assert.match(stderr, /^2 of 3 entries were refused:$/m);
    assert.match(stderr, /^ {2}bad: taskType: .*; schedule\.expressions\.0: /m);
    assert.match(stderr, /^ {2}lost: .*nobody/m);
  });

  it('applies nothing of a file with errors, and names all of them', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(
      bad,
      `calendars:
  - { name: Bad Name, title: x, rules: [{ kind: date, date: 2026-02-30 }] }
tasks:
  - { name: never, taskType: noop, schedule: { kind: once, at: tomorrow } }
`,
    );
    const { code, stderr } = await almanac('apply', '-f', bad);
    assert.equal(code, 1);
    for (const path of ['calendars.0.name', 'calendars.0.rules.0.date', 'tasks.0.schedule.at'])
      assert.match(stderr, new RegExp(`^  ${path.replaceAll('.', '\\.')}: `, 'm'));
    assert.equal((await allTasks()).filter(({ name }) => name === 'never').length, 0);
  });

  async function applyTwentyTimes(): Promise<Report[]> {
    const all = await Promise.all(Array.from({ length: COPIES }, () => almanac('apply', '-f', file, '--json')));
    return all.map(reportOf);
  }

  async function allTasks(): Promise<Task[]> {
    const tasks: Task[] = [];
    let cursor = '';
    do {
      const { body } = await api.send<TaskPage>('GET', `/api/v1/tasks?sort=id&limit=200${cursor}`);
      tasks.push(...body.items);
      cursor = body.nextCursor === null ? '' : `&cursor=${encodeURIComponent(body.nextCursor)}`;
    } while (cursor !== '');
    return tasks;
  }

  async function calendars(): Promise<Calendar[]> {
    return (await api.send<{ items: Calendar[] }>('GET', '/api/v1/calendars')).body.items;
  }

  async function changesOf(tasks: readonly Task[], key: string): Promise<string[]> {
    const id = tasks.find((task) => task.key === key)?.id ?? 'missing';
    const { body } = await api.send<{ items: TaskRevision[] }>('GET', `/api/v1/tasks/${id}/revisions`);
    return body.items.map(({ change }) => change);
  }
});

function reportOf({ code, stdout, stderr }: Said): Report {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Report;
}

function countOf(reports: readonly Report[], change: string): number {
  return reports.flatMap(({ tasks }) => tasks).filter((task) => task.change === change).length;
}

function assertUnchanged(reports: readonly Report[]): void {
  const changes = reports.flatMap(({ tasks, calendars }) => [...tasks, ...calendars]).map(({ change }) => change);
  assert.equal(changes.length, COPIES * (TASKS + 2));
  assert.deepEqual(new Set(changes), new Set(['unchanged']));
}

function expressionOf(schedule: Task['schedule']): string {
  return schedule.kind === 'cron' ? (schedule.expressions[0] ?? '') : '';
}

/** Written so that what the server answers looks different from it wherever it may. */
function fileText({ reportAt = '9', nightFrom = '22:00' } = {}): string {
  return `
variables: { zone: Europe/Kiev }
calendars:
  - name: holidays
    title: Holidays
    timeZone: Europe/Rome
    rules:
      - { kind: date, date: 2026-12-25, label: Christmas }
      - { kind: range, from: '2026-08-10T00:00:00+02:00', until: '2026-08-20T00:00:00+02:00' }
  - name: nights
    title: Nights
    timeZone: '{zone}'
    rules:
      - { kind: weekly, weekdays: [sat, mon, sun], from: '${nightFrom}', until: '06:00' }
tasks:
  - name: Report {n}
    count: 100
    taskType: noop
    payload: { text: 'number {n}', deep: { list: [1.50, -0, null, true] } }
    schedule: { kind: cron, expressions: ['0 ${reportAt} * * 1-5'], timeZone: '{zone}', calendars: [holidays] }
    labels: { experiment: E-12 }
  - name: Audit {n}
    count: 40
    taskType: noop
    schedule:
      kind: cron
      expressions: ['30 4 * * *', '@weekly']
      timeZone: US/Eastern
      startsAt: '2026-01-01T00:00:00+01:00'
      endsAt: 2031-01-01T00:00:00Z
      maxRuns: 1000
      calendars: [nights, holidays]
      blackouts:
        - { kind: weekly, from: '12:00', until: '13:00' }
        - { kind: weekly, weekdays: [wed, tue], from: '10:00', until: '11:00', label: ~ }
    policies: { overlap: buffer-one, misfire: all, catchUpPerMinute: 30 }
    retry: { maxAttempts: 5 }
  - name: Tick {n}
    count: 40
    taskType: noop
    schedule: { kind: interval, everyMs: 3600000, maxRuns: ~ }
    recipients: [a@example.org]
  - name: Opening {n}
    count: 20
    taskType: noop
    schedule: { kind: once, at: '2199-07-01T09:00', timeZone: Europe/Rome }
`;
}
