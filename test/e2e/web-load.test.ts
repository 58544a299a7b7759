import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import type { Advice } from '../../api/contract/advice.ts';
import { DAY_MS, HOUR_MS, startOfUtcDayMs } from '../../core/duration.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { eventually } from '../support/eventually.ts';
import { faultsOf, LOOKS } from '../support/page-checks.ts';
import { openWeb, type WebUnderTest } from '../support/web.ts';

describe('the pages about the load', function () {
  this.timeout(120_000);
  let web: WebUnderTest;
  let page: Page;
  before(async () => (web = await openWeb()));
  after(() => web[Symbol.asyncDispose]());
  beforeEach(async () => (page = await web.openPage()));
  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(web.takeComplaints(), []);
  });

  const nowMs = (): Promise<number> => readDatabaseClock(web.stack.database);

  /** What is wrong with a page, in each look, once it shows what tells that it is there. */
  async function checkLooks(path: string, isThere: (other: Page) => Promise<void>): Promise<void> {
    for (const look of LOOKS) {
      const other = await web.openPage(look);
      await other.goto(path);
      await isThere(other);
      assert.deepEqual(await faultsOf(other), []);
      await other.context().close();
    }
  }

  it('smooth a peak: choose, apply, and take back', async () => {
    const minute = new Date((await nowMs()) + HOUR_MS / 2).getUTCMinutes();
    for (let index = 0; index < 9; index += 1) {
      await web.createTask({
        name: `Plate ${index}`,
        taskType: 'test.long',
        schedule: { kind: 'cron', expressions: [`${minute} * * * *`] },
      });
    }
    await eventually(async () => {
      const answer = await fetch(`${web.server.url}/api/v1/forecast/advice`);
      return ((await answer.json()) as Advice).suggestions.length > 0;
    });
    await page.goto('/forecast/smoothing');
    await page.getByText(/If \d+ more tasks? may start a little later, it falls to \d+\./).waitFor();
    await checkLooks('/forecast/smoothing', async (other) => {
      await other.getByRole('list', { name: 'Suggestions' }).waitFor();
    });

    const suggestions = page.getByRole('list', { name: 'Suggestions' });
    const boxes = suggestions.getByRole('checkbox');
    await boxes.first().check();
    await page.getByRole('button', { name: /^Apply \d+ moves?$/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^The peak (goes from|stays at)/).waitFor();
    await dialog.getByText(/gets a flexible window/).waitFor();
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByText(/^Applied\. The peak/).waitFor();
    const applied = page.getByRole('list', { name: 'Applied advice' });
    await applied.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/\d+ tasks? restored\./).waitFor();
    await applied.getByText(/^Undone/).waitFor();
  });

  it('show the week by minute, walked with the keys, and which tasks may overlap', async () => {
    const busy = await web.createTask({
      name: 'Incubator readings',
      taskType: 'test.long',
      payload: { ms: 3_600 },
      schedule: { kind: 'interval', everyMs: 4_000 },
    });
    await page.goto('/load');
    await page.getByText(/Peak: \d+ on/).waitFor();
    const week = page.getByRole('grid', { name: 'Instances needed over the week' });
    await week.getByRole('button').nth(1).click();
    await page.waitForURL(/day=\d{4}-\d\d-\d\d/);
    const day = page.getByRole('grid', { name: /^Instances needed on .*, by minute$/ });
    await page.mouse.move(0, 0); // what it points at would be read out as well
    await day.getByRole('gridcell').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText(/, 00:01: \d+ instances?$/).waitFor();
    await page.getByRole('button', { name: 'Back to the week' }).click();
    await week.waitFor();
    await page.getByRole('region', { name: 'Tasks that may overlap' }).getByRole('link', { name: busy.name }).waitFor();
    await checkLooks('/load', (other) => other.getByText(/Peak: \d+ on/).waitFor());
    await checkLooks(`/load?day=${new Date((await nowMs()) + DAY_MS).toISOString().slice(0, 10)}`, (other) =>
      other.getByRole('button', { name: 'Back to the week' }).waitFor(),
    );
  });

  it('say what an autoscaler on the queue would have made of a recorded day', async () => {
    const task = await web.createTask({ name: 'Recorded', taskType: 'test.long' });
    const dayMs = startOfUtcDayMs(await nowMs()) - DAY_MS;
    const noon = new Date(dayMs + HOUR_MS * 12);
    await web.stack.query(`update tasks set created_at = $1 where id = $2`, [new Date(dayMs - DAY_MS), task.id]);
    await web.stack.query(
      `insert into task_runs (task_id, scheduled_time, attempt, outcome, due_at, started_at, ended_at, elapsed_ms)
       select $1, $2::timestamptz + n * interval '1 millisecond', 1, 'succeeded', $2, $2::timestamptz + n % 2 * interval '8 seconds',
         $2::timestamptz + (n % 2 + 1) * interval '8 seconds', 8000
       from generate_series(1, 12) as n`,
      [task.id, noon],
    );
    await web.stack.query(
      `insert into capacity_samples (pool, at, ready_instances)
       select 'default', $1::timestamptz + n * interval '5 seconds', 6 from generate_series(0, 119) as n`,
      [noon],
    );
    const date = noon.toISOString().slice(0, 10);
    await page.goto(`/counterfactual?day=${date}`);
    await page.getByText(/^Of 12 starts 0 came more than 10 s late\. With .* it would have been \d+\.$/).waitFor();
    const table = page.getByRole('region', { name: 'The comparison as a table' });
    await table.getByText('What happened').waitFor();
    await table.getByText('Our plan').waitFor();
    const name = 'HPA on queue length, tuned';
    const choice = table.getByRole('radio', { name: `Draw ${name}` });
    assert.equal(await choice.isChecked(), false, 'the strongest is drawn first');
    await choice.click(); // its state goes through the address
    await page.waitForURL(/draw=HPA/);
    await page.getByText(`With “${name}” it would have been`).waitFor();
    await checkLooks(`/counterfactual?day=${date}`, (other) => other.getByText(/^Of 12 starts/).waitFor());

    await page.goto(`/counterfactual?day=${new Date(dayMs - 3 * DAY_MS).toISOString().slice(0, 10)}`);
    await page.getByText('Nothing was due').waitFor();
  });
});
