import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import type { BrowserContextOptions, Page } from 'playwright-core';

import { readAccuracy } from '../../api/accuracy-reader.ts';
import { readAutoscaler } from '../../api/autoscaler-reader.ts';
import type { Task, TaskDraft } from '../../api/contract/task.ts';
import { createForecastReader } from '../../api/forecast-reader.ts';
import { type ApiServer, openApiServer } from '../../api/server.ts';
import { Disposables } from '../../runtime/disposables.ts';
import { createLogger } from '../../runtime/logger.ts';
import { openBrowser } from './chromium.ts';
import { type Stack, startStack } from './stack.ts';

const WEB_ROOT = fileURLToPath(new URL('../../web/', import.meta.url));
const SHAPING = {
  slotsPerReplica: 1,
  minReplicas: 1,
  maxReplicas: 8,
  leadTimeMs: 15_000,
  tailMs: 10_000,
  closingMs: 60_000,
};
const FAR_AWAY = { kind: 'once', at: '2199-01-01T00:00:00Z' } as const;

/** The built pages in a real browser, over a real API and the services behind it. */
export interface WebUnderTest extends AsyncDisposable {
  readonly stack: Stack;
  readonly server: ApiServer;
  openPage(options?: BrowserContextOptions): Promise<Page>;
  /** A `noop` task that is far away, unless the draft says otherwise. */
  createTask(draft: Partial<TaskDraft>): Promise<Task>;
  /** Puts a resource through the API; it has to be taken. */
  put(path: string, body: unknown): Promise<void>;
  /** What no page may do, since this was asked last: errors in the console, and requests to anybody else. */
  takeComplaints(): string[];
}

export async function openWeb(): Promise<WebUnderTest> {
  const opened = new Disposables();
  const stack = opened.use(await startStack({ broker: 'embedded', scheduler: true }));
  const server = opened.use(
    await openApiServer(
      {
        database: stack.database,
        log: createLogger('test', process.env.ALMANAC_TEST_LOG ?? 'silent'),
        metrics: stack.metrics,
        brokerReady: () => stack.broker.isReady(),
        forecast: createForecastReader(stack.database, { ...SHAPING, leadFloorMs: 2_000, periodMs: 0 }),
        accuracy: (query) => readAccuracy(stack.database, SHAPING, query),
        planSettings: SHAPING,
        autoscalerReplicas: (pool) => readAutoscaler(stack.database, pool, { ...SHAPING, leadFloorMs: 2_000 }),
      },
      {
        host: '127.0.0.1',
        port: 0,
        allowedHosts: [],
        maxRunsPerDay: 86_400,
        retentionDays: 35,
        misfireGraceMs: 60_000,
        version: '0.0.0-test',
        webRoot: WEB_ROOT,
        checkResponses: true,
        shutdownGraceMs: 2_000,
      },
    ),
  );
  const browser = await openBrowser();
  let complaints: string[] = [];
  return {
    stack,
    server,
    async openPage(options = {}) {
      const context = await browser.newContext({ timezoneId: 'Europe/Rome', baseURL: server.url, ...options });
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(`error on the page: ${error.message}`));
      page.on('console', (message) => {
        // A refused request is reported there too; those are meant here.
        if (message.type() === 'error' && !message.text().includes('Failed to load resource')) {
          complaints.push(`console: ${message.text()}`);
        }
      });
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== server.url) complaints.push(`request to ${request.url()}`);
      });
      return page;
    },
    async createTask(draft) {
      const response = await fetch(`${server.url}/api/v1/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'a task', taskType: 'noop', schedule: FAR_AWAY, ...draft }),
      });
      assert.equal(response.status, 201, await response.clone().text());
      return (await response.json()) as Task;
    },
    async put(path, body) {
      const response = await fetch(server.url + path, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.equal(response.status, 200, await response.clone().text());
    },
    takeComplaints() {
      const taken = complaints;
      complaints = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await opened[Symbol.asyncDispose]();
    },
  };
}
