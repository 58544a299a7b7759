import assert from 'node:assert/strict';

import type { Forecast } from '../../api/contract/forecast.ts';
import type { PriceTag } from '../../api/contract/price-tag.ts';
import { type TaskDraft, TaskDryRun, type TaskPage } from '../../api/contract/task.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { readDayBefore } from '../../db/future-work-store.ts';
import { DRAFT, openTestApi, type TestApi } from '../support/api.ts';

const TASKS = '/api/v1/tasks';
const WORK = { taskType: 'http.request', payload: { url: 'http://127.0.0.1:9/' } } as const; // 300 ms by its estimate

describe('the price tag of a task', () => {
  let api: TestApi;
  /** A whole minute about an hour ahead: its rows are always written. */
  let peakMs: number;

  beforeEach(async () => {
    api = await openTestApi();
    peakMs = Math.ceil((await readDatabaseClock(api.database)) / MINUTE_MS) * MINUTE_MS + HOUR_MS;
  });
  afterEach(() => api[Symbol.asyncDispose]());

  const at = (atMs: number): string => new Date(atMs).toISOString();

  async function burst(count: number, atMs: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await api.createTask({ ...WORK, schedule: { kind: 'once', at: at(atMs) } });
    }
  }

  async function price(draft: Partial<TaskDraft>, query = ''): Promise<PriceTag> {
    const answer = await api.send('POST', `${TASKS}?dryRun=plan${query}`, { body: { ...DRAFT, ...draft } });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { capacity } = TaskDryRun.parse(answer.body);
    assert.ok(capacity);
    return capacity;
  }

  async function peakOfForecast(): Promise<number> {
    const { body } = await api.send<Forecast>('GET', '/api/v1/forecast?hours=2.5&pastMinutes=0');
    return Math.max(...body.steps.map(({ requiredInstances }) => requiredInstances ?? 0));
  }

  it('says the peak that the forecast has before, and the one that it has once the task is there', async () => {
    await burst(55, peakMs); // 16.5 s of work: two
    const minute = new Date(peakMs).getUTCMinutes();
    const drafts: Partial<TaskDraft>[] = [
      { ...WORK, schedule: { kind: 'once', at: at(peakMs) } },
      { ...WORK, schedule: { kind: 'interval', everyMs: 1_000 } },
      { ...WORK, schedule: { kind: 'cron', expressions: [`*/2 ${minute} * * * *`] } },
      { ...WORK, schedule: { kind: 'cron', expressions: [`${minute} * * * *`], timeZone: 'Asia/Kathmandu' } },
    ];
    const peaks: number[] = [];
    for (const draft of drafts) {
      const tag = await price(draft);
      assert.equal(tag.peakBefore, await peakOfForecast());
      await api.createTask(draft);
      await api.expand();
      assert.equal(tag.peakAfter, await peakOfForecast(), JSON.stringify(draft.schedule));
      peaks.push(tag.peakAfter);
    }
    assert.ok(Number(peaks.at(-1)) > 2, 'the peaks are not all the same');
  });

  it('names a time nearby at which it adds nothing, and that it can not be in time under the limit', async () => {
    await burst(30, peakMs);
    const tag = await price({ ...WORK, schedule: { kind: 'once', at: at(peakMs) } });
    assert.deepEqual([tag.peakBefore, tag.peakAfter, tag.peakAt], [1, 2, at(peakMs)]);
    assert.deepEqual(tag.nearestCheaper, { shiftMs: MINUTE_MS, peakAfter: 1 });
    assert.equal(tag.firstLateAt, null);
    const moved = await price({ ...WORK, schedule: { kind: 'once', at: at(peakMs + MINUTE_MS) } });
    assert.deepEqual([moved.peakAfter, moved.nearestCheaper], [1, null]);

    await burst(250, peakMs); // with the 30 above this is 84 s of work, and eight replicas at most take 72 in their window
    const late = await price({ ...WORK, schedule: { kind: 'once', at: at(peakMs) } });
    assert.equal(late.firstLateAt, at(peakMs));
    assert.ok(late.lateBefore > 0);
    assert.equal(late.lateAfter, late.lateBefore + 1);
    assert.equal(late.peakAfter, 10);
  });

  it('takes out the work of the task that is edited', async () => {
    await burst(29, peakMs);
    const draft = { ...WORK, schedule: { kind: 'once', at: at(peakMs) } } as const;
    const task = await api.createTask(draft);
    const asNew = await price(draft);
    assert.deepEqual([asNew.peakBefore, asNew.peakAfter], [1, 2]);
    const asEdit = await price(draft, `&replaces=${task.id}`);
    assert.deepEqual([asEdit.peakBefore, asEdit.peakAfter, asEdit.replicaMinutesPerDay], [1, 1, 0]);
    const early = await price(
      { ...draft, schedule: { kind: 'cron', expressions: ['0 0 1 1 *'] } },
      `&replaces=${task.id}`,
    );
    assert.ok(early.replicaMinutesPerDay <= 0);
  });

  it('is left out on demand, and writes nothing', async () => {
    const answer = await api.send('POST', `${TASKS}?dryRun=plan&without=capacity`, { body: DRAFT });
    assert.equal(TaskDryRun.parse(answer.body).capacity, null);
    const tag = await price({ schedule: { kind: 'immediate' } });
    assert.deepEqual([tag.runsPerDay, tag.computeMsPerDay, tag.nearestCheaper], [1, 5, null]);
    assert.equal((await api.send<TaskPage>('GET', TASKS)).body.total, 0);
  });

  it('says how old the picture is, and takes a new one after a change', async () => {
    const draft = { ...WORK, schedule: { kind: 'once', at: at(peakMs) } } as const;
    assert.equal((await price(draft)).peakBefore, 0);
    await burst(40, peakMs);
    const tag = await price(draft);
    assert.equal(tag.peakBefore, 2);
    assert.ok(tag.ageMs < 3_000);
    assert.ok(tag.range.writtenUntil <= tag.range.until && tag.range.from < tag.range.writtenUntil);
  });

  it('takes the day before for what is not written yet', async () => {
    const { fromMs, untilMs } = { fromMs: peakMs - 20 * HOUR_MS, untilMs: peakMs };
    const task = await api.createTask({ ...WORK, schedule: { kind: 'cron', expressions: ['17 * * * *'] } });
    await api.expand();
    const rows = await readDayBefore(api.database, 'default', { fromMs, untilMs });
    const written = (await api.occurrencesOf(task.id)).filter(
      ({ scheduledTime }) => Date.parse(scheduledTime) < untilMs,
    );
    assert.deepEqual(
      rows.map(({ atMs, count, durationMs }) => [atMs, count, durationMs]),
      written.map(({ scheduledTime }) => [Date.parse(scheduledTime) + 24 * HOUR_MS, 1, 300]),
    );
    assert.ok(rows.length >= 1);
  });
});
