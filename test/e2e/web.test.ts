import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import type { Task, TaskDraft } from '../../api/contract/task.ts';
import type { ApiServer } from '../../api/server.ts';
import { eventually } from '../support/eventually.ts';
import { faultsOf, LOOKS } from '../support/page-checks.ts';
import type { Stack } from '../support/stack.ts';
import { openWeb, type WebUnderTest } from '../support/web.ts';

describe('the web application', function () {
  this.timeout(120_000);
  let web: WebUnderTest;
  let stack: Stack;
  let server: ApiServer;
  let page: Page;

  before(async () => {
    web = await openWeb();
    ({ stack, server } = web);
  });

  after(() => web[Symbol.asyncDispose]());

  beforeEach(async () => {
    page = await web.openPage({ viewport: { width: 1_366, height: 900 } });
  });

  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(web.takeComplaints(), []);
  });

  const createTask = (draft: Partial<TaskDraft>): Promise<Task> => web.createTask(draft);

  async function chooseType(name: RegExp): Promise<void> {
    await page.getByRole('combobox', { name: 'Type of work' }).click();
    await page.getByRole('option', { name }).click();
  }

  describe('the task dialog', () => {
    it('creates a task that runs now, and its run and log can be read a moment later', async () => {
      await page.goto('/tasks');
      await page.getByRole('link', { name: 'New task' }).first().click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Remind me now');
      await chooseType(/Reminder/);
      await page.getByRole('button', { name: 'Create and run now' }).click();
      await page.getByRole('button', { name: 'Show it' }).click();
      await page.getByRole('heading', { name: 'Remind me now' }).waitFor();

      await page.getByRole('row', { name: /Completed/ }).waitFor();
      await page
        .getByRole('row', { name: /Completed/ })
        .getByRole('link')
        .first()
        .click();
      await page.getByRole('region', { name: 'Log lines' }).getByText('Calibrate the pH meter.').waitFor();
      await page.getByRole('region', { name: 'Result' }).getByText('"recipients": 0').waitFor();
    });

    it('shows the next five runs of a cron expression as the engine will fire them', async () => {
      await page.goto('/tasks/new');
      await page.getByRole('button', { name: 'Recurring' }).click();
      await page.getByRole('textbox', { name: 'Cron expression' }).fill('30 2 * * *');
      await page.getByRole('textbox', { name: 'Not before' }).fill('2027-03-27T00:00');
      await page.getByText('At 02:30').first().waitFor();
      const runs = page.getByRole('dialog').getByRole('listitem').filter({ hasText: '2027' });
      await eventually(async () => assert.equal(await runs.count(), 5));
      const [before, inGap, after] = await runs.allTextContents();
      assert.match(before ?? '', /^Sat 27 Mar 2027, 02:30:00 UTC\+1 \(01:30 UTC\)/);
      assert.match(inGap ?? '', /^Sun 28 Mar 2027, 03:00:00 UTC\+2 \(01:00 UTC\)The time asked for does not exist/);
      assert.match(after ?? '', /^Mon 29 Mar 2027, 02:30:00 UTC\+2 \(00:30 UTC\)/);
      await page.getByRole('button', { name: 'Create, first run 27 Mar 2027, 02:30 UTC+1' }).waitFor();
    });

    it('says at the field what the server found, and writes nothing', async () => {
      await page.goto('/tasks/new');
      await page.getByRole('textbox', { name: 'Name' }).fill('Too late');
      await chooseType(/Reminder/);
      await page.getByRole('button', { name: 'Once' }).click();
      const field = page.getByLabel('Date and time');
      await field.fill('2020-01-01T09:00');
      await page.getByRole('button', { name: /^Create, runs/ }).click();
      await eventually(async () => assert.equal(await field.getAttribute('aria-invalid'), 'true'));
      assert.equal((await stack.query(`select 1 from tasks where name = 'Too late'`)).length, 0);
    });

    it('refuses to save over what somebody else saved in the meantime', async () => {
      const task = await createTask({ name: 'Contested' });
      await page.goto(`/tasks/${task.id}/edit`);
      const name = page.getByRole('textbox', { name: 'Name' });
      await name.fill('Mine');
      const theirs = await fetch(`${server.url}/api/v1/tasks/${task.id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Theirs', taskType: 'noop', schedule: FAR_AWAY }),
      });
      assert.equal(theirs.status, 200);
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('Somebody else changed this task').waitFor();
      await page.getByRole('button', { name: 'Load theirs' }).click();
      await eventually(async () => assert.equal(await name.inputValue(), 'Theirs'));
    });
  });

  describe('the task list', () => {
    it('searches, filters and sorts on the server, and a reload shows the same rows', async () => {
      for (const number of [1, 2, 3]) await createTask({ name: `Plate ${number}`, labels: { experiment: 'E-12' } });
      await page.goto('/tasks');
      await page.getByRole('searchbox', { name: 'Search by name' }).fill('plate');
      await page.getByText('of 3 tasks').waitFor();
      await page.getByRole('columnheader', { name: 'Task', exact: true }).click();
      await page.waitForURL(/q=plate&sort=name|sort=name&q=plate/);
      const names = () => page.getByRole('rowheader').allTextContents();
      await eventually(async () => assert.deepEqual(await names(), ['Plate 1', 'Plate 2', 'Plate 3']));
      await page.reload();
      await eventually(async () => assert.deepEqual(await names(), ['Plate 1', 'Plate 2', 'Plate 3']));

      await page.goto('/tasks?label=experiment%3DE-13');
      await page.getByText('No task matches these filters').waitFor();
      await page.getByRole('button', { name: 'Clear filters' }).first().click();
      await page.getByRole('grid', { name: 'tasks' }).waitFor();
    });

    it('pauses with a reason, resumes and deletes', async () => {
      const task = await createTask({ name: 'On and off' });
      await page.goto('/tasks?q=On+and+off');
      const menu = async (item: string) => {
        await page
          .getByRole('row', { name: /On and off/ })
          .getByRole('button', { name: 'more' })
          .click();
        await page.getByRole('menuitem', { name: item }).click();
      };
      await menu('Pause…');
      await page.getByRole('textbox', { name: 'Reason' }).fill('In calibration');
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await page.getByRole('row', { name: /On and off.*Paused/ }).waitFor();
      const [row] = await stack.query<{ status_reason: string }>('select status_reason from tasks where id = $1', [
        task.id,
      ]);
      assert.equal(row?.status_reason, 'In calibration');
      await menu('Resume');
      await page.getByRole('row', { name: /On and off.*Active/ }).waitFor();
      await menu('Delete…');
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByText('No task matches these filters').waitFor();
    });

    it('keeps the focus in its cell while the rows are refreshed', async () => {
      const task = await createTask({ name: 'Focus 1' });
      await page.goto('/tasks?q=Focus');
      await page
        .getByRole('row', { name: /Focus 1/ })
        .getByRole('gridcell')
        .first()
        .click();
      await createTask({ name: 'Focus 2' });
      await page.getByRole('row', { name: /Focus 2/ }).waitFor();
      const focused = await page.evaluate<string[]>(
        `[document.activeElement.dataset.field, document.activeElement.closest('[role=row]').dataset.id]`,
      );
      assert.deepEqual(focused, ['status', task.id]);
    });
  });

  it('shows a dead letter with its cause and sends it round again', async () => {
    await createTask({
      name: 'Always fails',
      taskType: 'test.throw',
      payload: { what: 'rejection' },
      schedule: { kind: 'immediate' },
      retry: { maxAttempts: 1, backoff: 'fixed', firstDelayMs: 0, maxDelayMs: 0 },
    });
    await page.goto('/dead-letters');
    const row = page.getByRole('row', { name: /Always fails/ });
    await row.getByText('rejected').waitFor();
    await row.getByRole('button', { name: 'Redrive Always fails' }).click();
    await page.getByText('1 dead letter of Always fails will be scheduled again').waitFor();
    await page.getByRole('button', { name: 'Redrive 1', exact: true }).click();
    await page.getByText('1 scheduled again.').waitFor();
    await eventually(async () => {
      const runs = await stack.query(`select 1 from task_runs where error like '%rejected%'`);
      assert.equal(runs.length, 2);
    });
  });

  describe('the forecast', () => {
    it('follows the schedule by itself, in words, along the keyboard and as a table', async () => {
      await page.goto('/forecast?table=1');
      const chart = page.getByRole('slider', { name: 'Step of the forecast' });
      await chart.waitFor();
      const atMs = Math.ceil(Date.now() / 60_000) * 60_000 + 3_600_000;
      for (let index = 0; index < 12; index += 1) {
        await createTask({
          name: `Peak ${index}`,
          taskType: 'test.long',
          schedule: { kind: 'once', at: new Date(atMs).toISOString() },
        });
      }
      // Twelve times three seconds in one ten-second window of one slot: ceil(36,000 / 9,000).
      await page
        .getByText(/Peak of 4 at/)
        .first()
        .waitFor();
      await page
        .getByRole('region', { name: 'The forecast as a table' })
        .getByText(/Peak \d+/)
        .first()
        .waitFor();

      await chart.focus();
      await page.keyboard.press('End');
      const end = await chart.getAttribute('aria-valuetext');
      await page.keyboard.press('ArrowLeft');
      assert.notEqual(await chart.getAttribute('aria-valuetext'), end);
      await page.getByRole('button', { name: 'Unpin' }).waitFor();
    });

    it('takes a line off the chart by its name, and the address remembers it', async () => {
      await page.goto('/forecast');
      const limit = page.getByRole('button', { name: 'Limit' });
      await limit.click();
      await page.waitForURL(/hide=limit/);
      await page.reload();
      assert.equal(await limit.getAttribute('aria-pressed'), 'false');
    });
  });

  it('keeps the last good data and says so when the server is gone', async () => {
    await createTask({ name: 'Still here' });
    await page.goto('/tasks?q=Still');
    await page.getByRole('row', { name: /Still here/ }).waitFor();
    await page.context().setOffline(true);
    await page.getByText('The server can not be reached.').first().waitFor();
    await page.getByRole('button', { name: /^Updates lost/ }).waitFor();
    assert.equal(await page.getByRole('row', { name: /Still here/ }).count(), 1);
    await page.context().setOffline(false);
    await page.getByRole('button', { name: /^Live/ }).waitFor();
  });

  it('has no accessibility violation that axe finds, on any page, light or dark, wide or narrow', async () => {
    const task = await createTask({
      name: 'For every page',
      taskType: 'reminder',
      payload: { message: 'look' },
      schedule: { kind: 'immediate' },
    });
    await web.put('/api/v1/calendars/holidays', {
      title: 'Holidays',
      timeZone: 'Europe/Rome',
      rules: [
        { kind: 'date', date: '2027-01-01', label: 'New Year' },
        { kind: 'weekly', weekdays: ['sun'], from: '00:00', until: '24:00' },
      ],
    });
    const recurring = await createTask({
      name: 'With everything',
      schedule: {
        kind: 'cron',
        expressions: ['0 9 * * *', '30 2 * * 1'],
        timeZone: 'Europe/Rome',
        maxRuns: 500,
        calendars: ['holidays'],
        blackouts: [{ kind: 'weekly', weekdays: ['sat'], from: '22:00', until: '06:00', label: 'Backup' }],
      },
      policies: { misfire: 'all', overlap: 'buffer-all', flexibleWindowMs: 60_000 },
    });
    const runId = await eventually(async () => {
      const answer = await fetch(`${server.url}/api/v1/runs?taskId=${task.id}`);
      const { items } = (await answer.json()) as { items: { id: string }[] };
      return items[0]?.id ?? false;
    });
    const paths = [
      '/',
      '/tasks',
      '/tasks?q=nothing+has+this+name',
      '/tasks/new',
      `/tasks/${task.id}`,
      `/tasks/${task.id}/edit`,
      '/schedule',
      '/runs',
      `/runs/${runId}`,
      '/forecast?table=1',
      '/task-types',
      '/dead-letters',
      '/instances',
      '/calendars',
      '/calendars/holidays',
      '/calendars/no-such-calendar',
      '/ledger',
      `/tasks/${recurring.id}?why=2027-01-01T09:00:00.000Z`,
      `/tasks/${recurring.id}/edit`,
      '/no/such/page',
    ];
    const found: string[] = [];
    for (const look of LOOKS) {
      const other = await web.openPage(look);
      for (const path of paths) {
        await other.goto(path);
        const faults = await faultsOf(other);
        found.push(...faults.map((fault) => `${path} ${look.colorScheme} ${look.viewport.width}: ${fault}`));
      }
      await other.context().close();
    }
    assert.deepEqual(found, []);
  });
});

const FAR_AWAY = { kind: 'once', at: '2199-01-01T00:00:00Z' } as const;
