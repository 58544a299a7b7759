import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import type { ExclusionRule } from '../../api/contract/exclusion.ts';
import type { Task } from '../../api/contract/task.ts';
import { eventually } from '../support/eventually.ts';
import { openWeb, type WebUnderTest } from '../support/web.ts';

const HOLIDAYS = {
  title: 'Holidays',
  timeZone: 'Europe/Rome',
  rules: [{ kind: 'date', date: '2027-01-06', label: 'Epiphany' }],
};
const NIGHTS: ExclusionRule = {
  kind: 'weekly',
  weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '22:00',
  until: '06:00',
  label: 'Backup window',
};

const ICAL = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//Almanac//test//EN',
  'X-WR-CALNAME:Feiertage',
  'X-WR-TIMEZONE:Europe/Berlin',
  'BEGIN:VEVENT',
  'UID:1',
  'DTSTART;VALUE=DATE:20270501',
  'SUMMARY:Tag der Arbeit',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'UID:2',
  'DTSTART;VALUE=DATE:20270601',
  'SUMMARY:Abgesagt',
  'STATUS:CANCELLED',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');

describe('schedules in the web application', function () {
  this.timeout(90_000);
  let web: WebUnderTest;
  let page: Page;

  before(async () => {
    web = await openWeb();
  });

  after(() => web[Symbol.asyncDispose]());

  beforeEach(async () => {
    page = await web.openPage({ viewport: { width: 1_366, height: 900 } });
  });

  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(web.takeComplaints(), []);
  });

  const readTask = async (taskId: string): Promise<Task> => {
    const response = await fetch(`${web.server.url}/api/v1/tasks/${taskId}`);
    assert.equal(response.status, 200);
    return (await response.json()) as Task;
  };

  const nextRuns = async (): Promise<(string | null)[]> => {
    const items = await page.getByRole('region', { name: 'Next runs' }).locator('li').all();
    return Promise.all(items.map((item) => item.getAttribute('data-instant', { timeout: 1_000 })));
  };

  describe('the task dialog', () => {
    it('creates a task with a calendar and a blackout window, whose next runs keep clear of both', async () => {
      await web.put('/api/v1/calendars/holidays', HOLIDAYS);
      await page.goto('/tasks/new');
      await page.getByRole('textbox', { name: 'Name' }).fill('With exceptions');
      await page.getByRole('combobox', { name: 'Type of work' }).click();
      await page.getByRole('option', { name: /noop/ }).click();
      await page.getByRole('button', { name: 'Recurring' }).click();
      await page.getByRole('textbox', { name: 'Cron expression' }).fill('0 */6 * * *');
      await page.getByRole('textbox', { name: 'Not before' }).fill('2027-01-05T10:00');
      await page.getByRole('textbox', { name: 'Times at most' }).fill('4');
      await page.getByRole('button', { name: /^Except at/ }).click();
      await page.getByRole('combobox', { name: 'Calendars' }).click();
      await page.getByRole('option', { name: /holidays/ }).click();
      await page.getByRole('button', { name: 'Add a blackout window' }).click();
      const window = page.getByRole('group', { name: 'Window 1' });
      for (const day of ['Sat', 'Sun']) await window.getByRole('button', { name: day }).click();
      await window.getByRole('textbox', { name: 'What it is' }).fill('Backup window');
      // Tue 5 Jan at 12 and 18, not the night, not the 6th, and from the 7th on again: the night to it began on the 6th.
      const runs = ['2027-01-05T11:00:00.000Z', '2027-01-05T17:00:00.000Z', '2027-01-07T05:00:00.000Z'];
      await eventually(async () => assert.deepEqual((await nextRuns()).slice(0, 3), runs));
      assert.equal((await nextRuns()).length, 4);

      await page.getByRole('button', { name: /^Create, first run 5 Jan 2027, 12:00/ }).click();
      await page.getByRole('button', { name: 'Show it' }).click();
      await page.getByRole('heading', { name: 'With exceptions' }).waitFor();
      await eventually(async () => assert.deepEqual((await nextRuns()).slice(0, 3), runs));
      const task = await readTask(page.url().split('/').at(-1) ?? '');
      assert.deepEqual(task.schedule, {
        kind: 'cron',
        expressions: ['0 */6 * * *'],
        timeZone: 'Europe/Rome',
        startsAt: '2027-01-05T09:00:00.000Z',
        endsAt: null,
        maxRuns: 4,
        calendars: ['holidays'],
        blackouts: [NIGHTS],
      });
    });

    it('saves what was changed and loses nothing else', async () => {
      await web.put('/api/v1/calendars/holidays', HOLIDAYS);
      const before = await web.createTask({
        name: 'With all there is',
        schedule: {
          kind: 'interval',
          everyMs: 90_000,
          timeZone: 'Europe/Rome',
          startsAt: '2199-01-01T00:00:00.123Z',
          maxRuns: 12,
          calendars: ['holidays'],
          blackouts: [NIGHTS, { kind: 'range', from: '2199-03-01T00:00:00.456Z', until: '2199-03-02T00:00:00.789Z' }],
        },
        policies: {
          misfire: 'all',
          misfireGraceMs: 90_000,
          catchUpLimit: 5,
          catchUpPerMinute: 6,
          overlap: 'skip',
          startExpiryMs: 60_000,
          flexibleWindowMs: 120_000,
          placement: 'hash',
        },
      });
      await page.goto(`/tasks/${before.id}/edit`);
      await page.getByRole('combobox', { name: 'When the run before still goes on' }).click();
      await page.getByRole('option', { name: /^Cancel the old one/ }).click();
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('With all there is was saved.').waitFor();
      const after = await readTask(before.id);
      assert.deepEqual(after.schedule, before.schedule);
      assert.deepEqual(after.policies, { ...before.policies, overlap: 'cancel-other' });
    });

    it('asks which one is meant of a time that comes twice', async () => {
      await page.goto('/tasks/new');
      await page.getByRole('button', { name: 'Once' }).click();
      await page.getByLabel('Date and time').fill('2027-10-31T02:30');
      await page.getByRole('button', { name: 'Create, runs 31 Oct 2027, 02:30 UTC+2' }).waitFor();
      await page.getByRole('combobox', { name: /comes twice/ }).click();
      await page.getByRole('option', { name: 'The second, at UTC+1' }).click();
      await page.getByRole('button', { name: 'Create, runs 31 Oct 2027, 02:30 UTC+1' }).waitFor();
    });
  });

  describe('the page of a task', () => {
    it('says why it runs at an instant or does not, and goes on to the time after', async () => {
      await web.put('/api/v1/calendars/holidays', HOLIDAYS);
      const task = await web.createTask({
        name: 'Explained',
        schedule: {
          kind: 'cron',
          expressions: ['0 9 * * *'],
          timeZone: 'Europe/Rome',
          startsAt: '2027-01-01T00:00:00Z',
          calendars: ['holidays'],
        },
      });
      await page.goto(`/tasks/${task.id}?why=2027-01-06T08:00:00.000Z`);
      const why = page.getByRole('region', { name: 'Why?' });
      await why.getByText('It is not scheduled then').waitFor();
      const deciding = why.getByRole('listitem').filter({ hasText: 'decides' });
      assert.match((await deciding.textContent()) ?? '', /Exception.*holidays.*Epiphany/);

      await why.getByRole('button', { name: 'The time after' }).click();
      await page.waitForURL(/why=2027-01-07T08/);
      await why.getByText('It will run').first().waitFor();

      await why.getByLabel('At').fill('2027-01-07T09:30:00');
      await why.getByRole('button', { name: 'Explain' }).click();
      await page.waitForURL(/why=2027-01-07T08%3A30/);
      await why.getByText('It is not scheduled then').waitFor();
      await page.getByRole('region', { name: 'Next runs' }).getByRole('link', { name: 'Why?' }).first().click();
      await why.getByText('It will run').first().waitFor();
    });

    it('shows its history, one line for each change', async () => {
      const task = await web.createTask({ name: 'Changed' });
      await page.goto(`/tasks/${task.id}`);
      await page.getByRole('button', { name: 'More for Changed' }).click();
      await page.getByRole('menuitem', { name: 'Deactivate' }).click();
      const revisions = page.getByRole('list', { name: 'Revisions' }).getByRole('listitem');
      await eventually(async () => assert.equal(await revisions.count(), 2));
      const [latest, first] = await revisions.allTextContents();
      assert.match(latest ?? '', /^Deactivated.*in force.*inactive$/);
      assert.match(first ?? '', /^Created/);
    });

    it('counts what a backfill would run, and runs it when that is confirmed', async () => {
      const task = await web.createTask({
        name: 'Filled in',
        schedule: { kind: 'cron', expressions: ['0 * * * *'], startsAt: '2020-01-01T00:00:00Z' },
      });
      await page.goto(`/tasks/${task.id}?tz=utc`);
      await page.getByRole('button', { name: 'More for Filled in' }).click();
      await page.getByRole('menuitem', { name: 'Backfill…' }).click();
      const dialog = page.getByRole('dialog');
      const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
      await dialog.getByLabel('From').fill(`${yesterday}T00:00`);
      await dialog.getByLabel('Until').fill(`${yesterday}T03:00`);
      await dialog.getByText('The schedule has 3 times in this range').waitFor();
      const rows = () =>
        web.stack.query<{ status: string }>(
          `select status from task_schedule where task_id = $1 and trigger = 'backfill'`,
          [task.id],
        );
      assert.equal((await rows()).length, 0);
      await dialog.getByRole('button', { name: 'Run 3' }).click();
      await page.getByText('3 past times of Filled in will run.').waitFor();
      assert.equal((await rows()).length, 3);
    });
  });

  it('asks a running occurrence to stop, and shows it as cancelled when it has', async () => {
    const task = await web.createTask({
      name: 'Stopped',
      taskType: 'noop',
      payload: { sleepMs: 60_000 },
      schedule: { kind: 'immediate' },
    });
    const id = await eventually(async () => {
      const response = await fetch(`${web.server.url}/api/v1/occurrences?taskId=${task.id}&status=Running`);
      const { items } = (await response.json()) as { items: { id: string }[] };
      return items[0]?.id ?? false;
    });
    await page.goto(`/occurrences/${id}`);
    await page.getByRole('button', { name: 'Ask it to stop' }).click();
    await page.getByText('It is asked to stop').waitFor();
    await eventually(async () => assert.equal((await page.getByRole('main').getByText('Cancelled').count()) > 0, true));
  });

  describe('the calendars', () => {
    it('are written by hand: a day is added, seen in its year, and saved', async () => {
      await page.goto('/calendars');
      await page.getByRole('button', { name: 'New calendar' }).first().click();
      await page.getByRole('textbox', { name: 'Title' }).fill('Days off');
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await page.getByRole('heading', { name: 'Days off' }).waitFor();
      await page.getByRole('button', { name: 'Add a rule' }).click();
      const dialog = page.getByRole('dialog');
      const year = new Date().getUTCFullYear();
      await dialog.getByLabel('Day').fill(`${year}-12-24`);
      await dialog.getByRole('textbox', { name: 'What it is' }).fill('Heiligabend');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByRole('img', { name: `${year}: 1 whole days` }).waitFor();
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('Days off was saved.').waitFor();
      await page.reload();
      await page.getByRole('list', { name: 'Rules' }).getByText('Heiligabend').waitFor();
    });

    it('are imported from a file once it has been shown what is in it', async () => {
      await page.goto('/calendars');
      await page.getByRole('button', { name: 'Import a file' }).first().click();
      await page
        .getByLabel('iCalendar file')
        .setInputFiles({ name: 'Feiertage.ics', mimeType: 'text/calendar', buffer: Buffer.from(ICAL) });
      const found = page.getByRole('region', { name: 'What the file holds' });
      await found.getByText('Feiertage, Europe/Berlin: 1 rule, 1 left out.').waitFor();
      await found.getByRole('list', { name: 'Left out' }).getByText('Abgesagt').waitFor();
      assert.equal((await web.stack.query(`select 1 from calendars where name = 'feiertage'`)).length, 0);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByRole('heading', { name: 'Feiertage' }).waitFor();
      assert.equal((await web.stack.query(`select 1 from calendars where name = 'feiertage'`)).length, 1);
    });

    it('can not be deleted while a task names them, nor saved over what somebody else saved', async () => {
      await web.put('/api/v1/calendars/in-use', { ...HOLIDAYS, title: 'In use' });
      await web.createTask({
        name: 'User of it',
        schedule: { kind: 'cron', expressions: ['0 9 * * *'], calendars: ['in-use'] },
      });
      await page.goto('/calendars/in-use');
      await page.getByText('1 task names it').waitFor();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('alert').getByText('User of it').waitFor();
      await page.getByRole('button', { name: 'Keep as it is' }).click();

      await page.getByRole('textbox', { name: 'Title' }).fill('Mine');
      await web.put('/api/v1/calendars/in-use', { ...HOLIDAYS, title: 'Theirs' });
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('Somebody else changed this calendar').waitFor();
      await page.getByRole('button', { name: 'Load theirs' }).click();
      await page.getByRole('heading', { name: 'Theirs' }).waitFor();
    });
  });

  it('shows in the ledger that nothing was lost, and what was when it was', async () => {
    const task = await web.createTask({ name: 'Every second', schedule: { kind: 'interval', everyMs: 1_000 } });
    const ended = () =>
      web.stack.query<{ scheduled_time: Date }>(
        `select scheduled_time from task_schedule where task_id = $1 and status = 'Completed' order by scheduled_time`,
        [task.id],
      );
    await eventually(async () => assert.ok((await ended()).length >= 3));
    await page.goto('/ledger');
    const balance = page.getByRole('region', { name: 'Balance' });
    await balance.getByText('Nothing was lost').waitFor();

    const [lost] = await ended();
    await web.stack.query('delete from task_schedule where task_id = $1 and scheduled_time = $2', [
      task.id,
      lost?.scheduled_time,
    ]);
    await page.getByRole('button', { name: 'Recompute' }).click();
    await balance.getByText('1 of them is not recorded').waitFor();
    const problem = page
      .getByRole('region', { name: 'Problems' })
      .getByRole('row', { name: /Not recorded/ })
      .last();
    await problem.getByRole('link', { name: task.id, exact: true }).waitFor();
    await page.goto('/');
    await page.getByRole('region', { name: 'Health' }).getByText('Unaccounted, 24 h').waitFor();
  });
});
