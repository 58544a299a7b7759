import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import type { Browser, Page } from 'playwright-core';

import { readAccuracy } from '../../api/accuracy-reader.ts';
import { readAutoscaler } from '../../api/autoscaler-reader.ts';
import type { CronPreview } from '../../api/contract/forecast.ts';
import type { Task, TaskDraft } from '../../api/contract/task.ts';
import { createForecastReader } from '../../api/forecast-reader.ts';
import { type ApiServer, openApiServer } from '../../api/server.ts';
import { apiConfig, readEnvironment } from '../../bin/config.ts';
import { DAY_MS } from '../../core/duration.ts';
import { expansionHorizonMs } from '../../core/plan.ts';
import type { DstPolicy } from '../../core/task.ts';
import { createLogger } from '../../runtime/logger.ts';
import { type Random, randomFrom } from '../support/change-schedules.ts';
import { openBrowser } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { randomCron } from '../support/random-cron.ts';
import { type Stack, startStack } from '../support/stack.ts';

const WEB_ROOT = fileURLToPath(new URL('../../web/', import.meta.url));
const SHAPING = {
  slotsPerReplica: 1,
  minReplicas: 1,
  maxReplicas: 8,
  leadTimeMs: 15_000,
  tailMs: 10_000,
  closingMs: 60_000,
};
const TASKS = 500;
/** About so many rows for a task: one that fires more often begins that much later. */
const MOST_ROWS = 300;
/** The most that the preview answers at once. */
const PREVIEW = 100;
const seed = Number(process.env.ALMANAC_TEST_SEED ?? Date.now() % 2 ** 31);
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** One of the five hundred. Instants are ISO 8601. */
interface Sample {
  readonly name: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly dst: DstPolicy;
  readonly task: Task;
  /** What the preview says from its start, or from its creation, up to the horizon and some more. */
  readonly previewed: readonly string[];
}

describe(`the next runs of ${TASKS} random cron expressions`, function () {
  this.timeout(600_000);
  let stack: Stack;
  let server: ApiServer;
  let browser: Browser;
  const samples: Sample[] = [];
  let horizonMs: number;

  before(async () => {
    process.stdout.write(`\n    seed ${seed}\n`);
    // Nobody runs what is due: every row stays as it was written.
    stack = await startStack({ broker: 'embedded', distributors: 0, processors: 0 });
    server = await openApiServer(
      {
        database: stack.database,
        log: createLogger('test', 'silent'),
        metrics: stack.metrics,
        brokerReady: () => stack.broker.isReady(),
        forecast: createForecastReader(stack.database, { ...SHAPING, leadFloorMs: 2_000, periodMs: 0 }),
        accuracy: (query) => readAccuracy(stack.database, SHAPING, query),
        planSettings: SHAPING,
        autoscalerReplicas: (pool) => readAutoscaler(stack.database, pool, { ...SHAPING, leadFloorMs: 2_000 }),
      },
      { ...apiConfig(readEnvironment({}), '0.0.0-test', WEB_ROOT), port: 0, checkResponses: true },
    );
    browser = await openBrowser();
    const random = randomFrom(seed);
    for (let index = 0; index < TASKS; index += 1) samples.push(await createSample(index, random));
    await stack.startScheduler();
    await eventually(
      async () => {
        horizonMs = expansionHorizonMs(Date.now());
        const behind = await stack.query(
          'select from tasks where expanded_until is distinct from to_timestamp($1::float8 / 1000)',
          [horizonMs],
        );
        assert.equal(behind.length, 0);
      },
      { timeoutMs: 120_000, periodMs: 200 },
    );
  });

  after(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
  });

  it('are the rows of the schedule, each of them and no other', async () => {
    const rows = await stack.occurrences();
    const times = new Map<string, string[]>();
    for (const { task_id, scheduled_time } of rows) {
      times.set(task_id, [...(times.get(task_id) ?? []), scheduled_time.toISOString()]);
    }
    for (const sample of samples) {
      const previewed = sample.previewed.filter((at) => Date.parse(at) < horizonMs);
      assert.deepEqual(times.get(sample.task.id) ?? [], previewed, nameOf(sample));
    }
    process.stdout.write(`\n    ${JSON.stringify({ seed, rows: rows.length, tasksWithRows: times.size })}\n`);
    // Three hours of the day are left at least; in those a third of such schedules fall due.
    assert.ok(times.size > TASKS / 5, `only ${times.size} tasks have rows`);
  });

  it('are what the API and the page of each task show', async () => {
    const pages = await Promise.all([openPage(), openPage()]);
    const waiting = samples.values();
    const visit = async (page: Page): Promise<void> => {
      for (const sample of waiting) {
        const fromMs = Date.now();
        const { nextRuns } = await get<Task>(`/tasks/${sample.task.id}`);
        const shown = await readPage(page, sample);
        const untilMs = Date.now();
        demandNextRuns(sample, nextRuns, fromMs, untilMs);
        demandNextRuns(sample, shown, fromMs, untilMs);
      }
    };
    await Promise.all(pages.map(visit));
  });

  async function createSample(index: number, random: Random): Promise<Sample> {
    const expression = randomCron(random);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    const timeZone = pick(zones);
    const dst: DstPolicy = { gap: pick(['shift', 'skip']), repeat: pick(['first', 'last', 'both']) };
    const name = `random ${index}`;
    const schedule = { name, expression, timeZone, dst };
    const startsAtMs = await startOf(schedule);
    const draft: TaskDraft = {
      name,
      taskType: 'noop',
      schedule: {
        kind: 'cron',
        expressions: [expression],
        timeZone,
        startsAt: startsAtMs === null ? null : new Date(startsAtMs).toISOString(),
      },
      policies: { dstGap: dst.gap, dstRepeat: dst.repeat },
    };
    const response = await fetch(`${server.url}/api/v1/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(draft),
    });
    assert.equal(response.status, 201, `${JSON.stringify(schedule)}: ${await response.clone().text()}`);
    const task = (await response.json()) as Task;
    const [revision] = await stack.query<{ watermark: string }>(
      `select definition ->> 'expanded_until' as watermark from task_revisions where task_id = $1`,
      [task.id],
    );
    assert.ok(revision);
    const watermarkMs = Date.parse(revision.watermark);
    const fromMs = Math.max(watermarkMs, startsAtMs ?? 0);
    const previewed: string[] = [];
    const enoughMs = expansionHorizonMs(Date.now()) + DAY_MS / 24;
    for (let nextMs = fromMs; ;) {
      const { runs } = await preview(schedule, nextMs, PREVIEW);
      previewed.push(...runs.map(({ at }) => at));
      const lastMs = Date.parse(runs.at(-1)?.at ?? '');
      if (runs.length < PREVIEW || lastMs > enoughMs) break;
      nextMs = lastMs + 1;
    }
    return { ...schedule, task, previewed };
  }

  /** A start for a task that would have too many rows, such that it gets about as many as are wanted. */
  async function startOf(schedule: Pick<Sample, 'expression' | 'timeZone' | 'dst'>): Promise<number | null> {
    const nowMs = Date.now();
    const { runs } = await preview(schedule, nowMs, PREVIEW);
    const eachMs = (Date.parse(runs.at(-1)?.at ?? '') - nowMs) / runs.length;
    const startMs = Math.floor(expansionHorizonMs(nowMs) - MOST_ROWS * eachMs);
    return startMs > nowMs ? startMs : null;
  }

  function preview(
    { expression, timeZone, dst }: Pick<Sample, 'expression' | 'timeZone' | 'dst'>,
    fromMs: number,
    count: number,
  ): Promise<CronPreview> {
    const query = new URLSearchParams({
      expression,
      timeZone,
      from: new Date(fromMs).toISOString(),
      count: String(count),
      dstGap: dst.gap,
      dstRepeat: dst.repeat,
    });
    return get(`/cron/preview?${query.toString()}`);
  }

  async function get<T>(path: string): Promise<T> {
    const response = await fetch(`${server.url}/api/v1${path}`);
    const body = (await response.json()) as T;
    assert.equal(response.status, 200, `${path}: ${JSON.stringify(body)}`);
    return body;
  }

  /** The list began at some moment of the visit: five instants in a row of the preview, the first of them the next one then. */
  function demandNextRuns(sample: Sample, found: readonly string[], fromMs: number, untilMs: number): void {
    const { previewed } = sample;
    const nextAfter = (atMs: number) => previewed.findIndex((at) => Date.parse(at) > atMs);
    const first = previewed.indexOf(found[0] ?? '');
    const context = `${nameOf(sample)}: ${JSON.stringify(found)}`;
    assert.ok(first >= nextAfter(fromMs) && first <= nextAfter(untilMs), context);
    assert.deepEqual(found, previewed.slice(first, first + 5), context);
    assert.equal(found.length, 5, context);
  }

  async function openPage(): Promise<Page> {
    const context = await browser.newContext({ baseURL: server.url, timezoneId: 'Europe/Rome' });
    const page = await context.newPage();
    await page.goto('/tasks');
    return page;
  }

  /** Goes to the page of the task as a link of the application does, and reads its list of next runs. */
  async function readPage(page: Page, { name, task }: Sample): Promise<string[]> {
    const path = JSON.stringify(`/tasks/${task.id}`);
    await page.evaluate(`history.pushState(null, '', ${path}); dispatchEvent(new PopStateEvent('popstate'))`);
    await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
    await page.getByRole('region', { name: 'Next runs' }).getByRole('listitem').first().waitFor();
    return page.evaluate<string[]>(
      `[...document.querySelectorAll('li[data-instant]')].map((item) => item.dataset.instant)`,
    );
  }

  function nameOf({ expression, timeZone, dst }: Sample): string {
    return JSON.stringify({ seed, expression, timeZone, dst });
  }
});
