import assert from 'node:assert/strict';

import type { LogLine } from '../../../api/contract/occurrence.ts';
import type { Task } from '../../../api/contract/task.ts';
import { filterLog, logAsText } from '../../../web/src/runs/logText.ts';
import { taskCommandsFor } from '../../../web/src/tasks/taskCommandList.ts';
import { rankTypes } from '../../../web/src/taskTypes/typeRanking.ts';

describe('rankTypes', () => {
  const summary = (taskType: string, runs: number, averageElapsedMs: number, failures: number) => ({
    taskType,
    runs,
    averageElapsedMs,
    p50Ms: null,
    p95Ms: null,
    failures,
    estimated: runs === 0,
  });
  const items = [summary('slow', 10, 8_000, 0), summary('frequent', 90_000, 20, 30), summary('new', 0, 500, 0)];

  it('has the bottleneck on top, whichever is asked for', () => {
    assert.deepEqual(
      rankTypes(items, [], 'average').map(({ taskType }) => taskType),
      ['slow', 'new', 'frequent'],
    );
    assert.equal(rankTypes(items, [], 'total')[0]?.taskType, 'frequent');
    assert.equal(rankTypes(items, [], 'failures')[0]?.taskType, 'frequent');
  });

  it('gives each type its part of all execution time', () => {
    const ranked = rankTypes(items, [], 'total');
    assert.equal(
      ranked.reduce((sum, { share }) => sum + share, 0),
      1,
    );
    assert.equal(ranked.find(({ taskType }) => taskType === 'new')?.share, 0);
  });

  it('knows no failure ratio for what never ran', () => {
    assert.equal(rankTypes(items, [], 'average').find(({ taskType }) => taskType === 'new')?.failureRatio, null);
  });
});

describe('the log viewer', () => {
  const line = (seq: number, level: LogLine['level'], message: string): LogLine => ({
    seq,
    at: '2026-11-21T09:00:00.000Z',
    level,
    message,
  });
  const lines = [line(1, 'info', 'GET /pH'), line(2, 'error', 'refused'), line(3, 'debug', 'got ph 7.4')];

  it('shows the wanted levels with the text, case ignored', () => {
    const shown = filterLog(lines, new Set(['info', 'debug']), ' PH ');
    assert.deepEqual(
      shown.map(({ seq }) => seq),
      [1, 3],
    );
  });

  it('copies each line with its instant in UTC and its level', () => {
    assert.equal(logAsText(lines.slice(1, 2)), '2026-11-21T09:00:00.000Z ERROR refused');
  });
});

describe('what can be done to a task', () => {
  const cron = {
    kind: 'cron',
    expressions: ['0 9 * * *'],
    timeZone: 'UTC',
    startsAt: null,
    endsAt: null,
    maxRuns: null,
    calendars: [],
    blackouts: [],
  } satisfies Task['schedule'];
  const commands = (status: 'active' | 'paused' | 'inactive', schedule: Task['schedule']) =>
    taskCommandsFor({ status, schedule }).map(({ command }) => command);

  it('depends on its state, and never offers the state that it is in', () => {
    const once = { kind: 'once', at: '2026-11-24T09:00:00.000Z' } as const;
    assert.deepEqual(commands('active', once), ['run', 'edit', 'pause', 'deactivate', 'duplicate', 'delete']);
    assert.deepEqual(commands('paused', once), ['run', 'edit', 'activate', 'deactivate', 'duplicate', 'delete']);
    assert.deepEqual(commands('inactive', once), ['run', 'edit', 'activate', 'duplicate', 'delete']);
  });

  it('has a backfill only while it is active and recurs', () => {
    assert.ok(commands('active', cron).includes('backfill'));
    assert.ok(!commands('paused', cron).includes('backfill'));
    assert.ok(!commands('active', { kind: 'immediate' }).includes('backfill'));
  });
});
