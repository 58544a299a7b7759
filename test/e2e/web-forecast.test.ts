import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { MINUTE_MS } from '../../core/duration.ts';
import { recordPredictions } from '../../db/accuracy-store.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { eventually } from '../support/eventually.ts';
import { faultsOf, LOOKS } from '../support/page-checks.ts';
import { openWeb, type WebUnderTest } from '../support/web.ts';

describe('the page of the forecast', () => {
  let web: WebUnderTest;
  let page: Page;
  before(async () => (web = await openWeb()));
  after(() => web[Symbol.asyncDispose]());
  beforeEach(async () => (page = await web.openPage()));
  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(web.takeComplaints(), []);
  });

  it('says that there is nothing to judge, before a minute that was forecast is over', async () => {
    await page.goto('/forecast');
    await page.getByText('Nothing to judge yet').waitFor();
  });

  it('says so when the accuracy can not be had, and gets it when asked again', async () => {
    let isBroken = true;
    await page.route('**/forecast/accuracy*', (route) => (isBroken ? route.abort() : route.continue()));
    await page.goto('/forecast');
    const panel = page.getByRole('region', { name: 'Accuracy' });
    const again = panel.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    isBroken = false;
    await again.click();
    await panel.getByText('Nothing to judge yet').waitFor();
  });

  it('says what the limit makes late and what can be done, and marks it along the axis', async function () {
    this.timeout(180_000);
    const { database } = web.stack;
    const atMs = Math.ceil((await readDatabaseClock(database)) / MINUTE_MS) * MINUTE_MS + 20 * MINUTE_MS;
    for (let index = 0; index < 45; index += 1) {
      await web.createTask({
        name: `Plate reader ${index}`,
        taskType: 'test.long',
        schedule: { kind: 'once', at: new Date(atMs).toISOString() },
      });
    }
    await page.goto('/forecast?table=1');
    await page.getByText(/The limit of 8 is too low: \d+ runs of test\.long would start more than 10 s late/).waitFor();
    await page.getByText(/Raise it to \d+ \(ALMANAC_MAX_REPLICAS\)/).waitFor();
    await page.getByRole('button', { name: 'Late starts' }).waitFor();
    const chart = page.getByRole('slider', { name: 'Step of the forecast' });
    await chart.focus();
    for (const key of ['PageUp', 'PageUp']) await page.keyboard.press(key); // ten minutes each
    await eventually(async () => {
      if (/\d+ late/.test(String(await chart.getAttribute('aria-valuetext')))) return true;
      await page.keyboard.press('ArrowRight');
      return false;
    });
    await page
      .getByText(/\d+ would start more than 10 s late\./)
      .first()
      .waitFor();
  });

  it('holds the forecast against what happened, without a violation that axe finds, wide or narrow, light or dark', async function () {
    this.timeout(180_000);
    const { database } = web.stack;
    const task = await web.createTask({ name: 'At once', taskType: 'test.long', schedule: { kind: 'immediate' } });
    await eventually(async () => (await web.stack.runs(task.id)).length === 1);
    const minuteMs = Math.floor((await readDatabaseClock(database)) / MINUTE_MS) * MINUTE_MS;
    // What ran may belong to the minute of now, which is not over: it is moved to one that is.
    await web.stack.query(`update task_runs set due_at = $1, started_at = $1 where task_id = $2`, [
      new Date(minuteMs - 5 * MINUTE_MS),
      task.id,
    ]);
    const said = [1, 2, 3, 4, 5, 6].map((ago) => ({
      horizonMinutes: 5,
      atMs: minuteMs - ago * MINUTE_MS,
      required: 1,
      planned: 2,
      foretold: [{ taskType: 'test.long', count: 1, workMs: 3_000 }],
    }));
    await recordPredictions(database, 'default', said, 15_000);
    for (const look of LOOKS) {
      const other = await web.openPage(look);
      await other.goto('/forecast?back=1&table=1');
      const panel = other.getByRole('region', { name: 'Accuracy' });
      await panel.getByText(/starts? were within 10 s of their time/).waitFor();
      await panel.getByRole('region', { name: 'By how early it was said' }).getByText('5 min').waitFor();
      await panel.getByRole('region', { name: 'Starts' }).getByText('test.long').waitFor();
      await panel.getByText('manual runs, runs at once, retries').waitFor();
      assert.deepEqual(await faultsOf(other), []);
      await other.context().close();
    }
  });
});
