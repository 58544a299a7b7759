import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { z } from 'zod';

import type { Forecast } from '../../api/contract/forecast.ts';
import { type SimulateInput, Simulation } from '../../api/contract/simulate.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { DRAFT, openTestApi, type TestApi } from '../support/api.ts';
import { commandLineOf } from '../support/command-line.ts';

const SIMULATE = '/api/v1/forecast/simulate';
const WORK = { ...DRAFT, taskType: 'http.request', payload: { url: 'http://127.0.0.1:9/' } } as const; // 300 ms by its estimate

describe('a simulation', () => {
  let api: TestApi;
  let peakMs: number;
  const ids: string[] = [];

  before(async () => {
    api = await openTestApi();
    peakMs = Math.ceil((await readDatabaseClock(api.database)) / MINUTE_MS) * MINUTE_MS + HOUR_MS;
    for (let index = 0; index < 60; index += 1) {
      ids.push((await api.createTask({ ...WORK, schedule: { kind: 'once', at: at(peakMs) } })).id);
    }
  });
  after(() => api[Symbol.asyncDispose]());

  const at = (atMs: number): string => new Date(atMs).toISOString();

  async function simulate(body: z.input<typeof SimulateInput>): Promise<Simulation> {
    const answer = await api.send('POST', SIMULATE, { body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return Simulation.parse(answer.body);
  }

  const peaksOf = ({ summary: { before, after } }: Simulation): number[] => [before.peak, after.peak];

  it('of nothing changed is the forecast, twice', async () => {
    const simulation = await simulate({});
    const { body } = await api.send<Forecast>('GET', '/api/v1/forecast?pastMinutes=0');
    assert.deepEqual(simulation.before, simulation.after);
    assert.deepEqual(
      simulation.before.steps.map((step) => [step.requiredInstances, step.predictedLate]),
      body.steps.map((step) => [step.requiredInstances, step.predictedLate]),
    );
    const { before } = simulation.summary;
    assert.deepEqual([before.peak, before.peakAt, before.occurrences, before.computeMs], [2, at(peakMs), 60, 18_000]);
  });

  it('adds tasks, takes tasks away, and stretches durations', async () => {
    const added = { ...WORK, schedule: { kind: 'once', at: at(peakMs) } } as const;
    assert.deepEqual(peaksOf(await simulate({ tasks: { add: [added] } })), [2, 3]);
    assert.deepEqual(peaksOf(await simulate({ tasks: { remove: ids.slice(0, 30) } })), [2, 1]);
    assert.deepEqual(peaksOf(await simulate({ tasks: { add: [added], remove: ids.slice(0, 1) } })), [2, 2]);
    assert.deepEqual(peaksOf(await simulate({ durationFactor: { 'http.request': 2.5 } })), [2, 5]);
    assert.deepEqual(peaksOf(await simulate({ pool: 'empty', tasks: { add: [added] } })), [0, 0]);
  });

  it('replays other limits: what comes too late, and with how many slots it does not', async () => {
    const long = { 'http.request': 40 / 3 }; // 60 runs of 4 s: 27 by the formula, and eight can run at once
    const { summary } = await simulate({ durationFactor: long });
    assert.equal(summary.after.peak, 27);
    assert.equal(summary.before.late, 0);
    assert.equal(summary.after.late, 60 - 8 * 3); // at 0, 4 and 8 s
    assert.deepEqual([summary.after.firstLateAt, summary.after.worstDelayMs], [at(peakMs), 28_000]);
    const enough = await simulate({ durationFactor: long, limits: { max: 30 } });
    assert.deepEqual([enough.summary.after.late, enough.after.steps[0]?.limit], [0, 30]);
    const slots = await simulate({ durationFactor: long, limits: { slots: 4 } });
    assert.deepEqual([slots.summary.after.late, slots.summary.after.peak, slots.after.slotsPerReplica], [0, 7, 4]);
    const none = await simulate({ limits: { min: 0, max: 0 } });
    assert.deepEqual([none.summary.after.late, none.summary.after.worstDelayMs], [60, null]);
  });

  it('of an outage moves its work to its end, as the misfire policies say', async () => {
    const outage = { from: at(peakMs - 10 * MINUTE_MS), until: at(peakMs + 20 * MINUTE_MS) };
    const every = (misfire: 'latest' | 'all' | 'skip') => ({
      ...WORK,
      schedule: { kind: 'interval', everyMs: MINUTE_MS, startsAt: at(peakMs) } as const,
      policies: { misfire, misfireGraceMs: 0 },
    });
    const add = (['latest', 'all', 'skip'] as const).map(every);
    const { summary, after } = await simulate({ hours: 3, outage, tasks: { add } });
    // The sixty run once each, later; of twenty missed minutes one, twenty and none.
    assert.deepEqual([summary.delayedByOutage, summary.skippedByOutage], [60 + 1 + 20, 19 + 20]);
    assert.equal(summary.after.peakAt, outage.until);
    const minute = (atMs: number) => after.steps.find((step) => step.at === at(atMs))?.requiredInstances;
    assert.deepEqual([minute(peakMs), minute(peakMs + 19 * MINUTE_MS)], [0, 0]);
    assert.equal(minute(peakMs + 20 * MINUTE_MS), 3);
  });

  it('writes nothing', async () => {
    const counts = () =>
      api.database.transaction((transaction) =>
        transaction.query('select (select count(*) from tasks) as tasks, (select count(*) from task_schedule) as rows'),
      );
    const before = await counts();
    await simulate({ tasks: { add: [WORK, { ...WORK, schedule: { kind: 'immediate' } }], remove: [...ids] } });
    assert.deepEqual(await counts(), before);
  });

  it('refuses what means nothing, at its path', async () => {
    const paths = async (body: unknown): Promise<string[]> =>
      ((await api.refuse('POST', SIMULATE, 422, 'invalid_input', { body })).errors ?? []).map(({ path }) => path);
    assert.deepEqual(await paths({ tasks: { add: [WORK, { ...WORK, taskType: 'no.such' }] } }), [
      'tasks.add.1.taskType',
    ]);
    assert.deepEqual(await paths({ outage: { from: at(peakMs), until: at(peakMs) } }), ['outage.until']);
    assert.deepEqual(await paths({ outage: { from: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' } }), [
      'outage.from',
    ]);
    assert.deepEqual(await paths({ limits: { min: 9 } }), ['limits.min']);
    assert.deepEqual(await paths({ hours: 25 }), ['hours']);
  });

  describe('at the command line', () => {
    let folder: string;
    before(() => (folder = mkdtempSync(join(tmpdir(), 'almanac-simulate-'))));
    after(() => rmSync(folder, { recursive: true, force: true }));

    it('is asked with a file', async () => {
      const almanac = commandLineOf(api.url);
      const file = join(folder, 'body.json');
      writeFileSync(file, JSON.stringify({ hours: 2, tasks: { remove: ids.slice(0, 30) } }));
      const { code, stdout, stderr } = await almanac('simulate', '-f', file, '--time-zone', 'UTC');
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^peak +2 +1$/m);
      assert.match(stdout, /^occurrences +60 +30$/m);
      const json = await almanac('simulate', '-f', file, '--json');
      assert.deepEqual(peaksOf(Simulation.parse(JSON.parse(json.stdout))), [2, 1]);
      writeFileSync(file, '{"hours": 99, "what": 1}');
      const refused = await almanac('simulate', '-f', file);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /hours/);
    });

    it('says what the changes of a file cost together', async () => {
      const almanac = commandLineOf(api.url);
      const file = join(folder, 'tasks.json');
      const tasks = [{ ...WORK, name: 'n {n}', key: 'n-{n}', count: 30, schedule: { kind: 'once', at: at(peakMs) } }];
      writeFileSync(file, JSON.stringify({ tasks }));
      const { stdout } = await almanac('apply', '-f', file, '--dry-run');
      assert.match(stdout, /^Capacity over the next 24 h: peak 2 -> 3 instances, \+\d+ instance minutes$/m);
      assert.equal((await almanac('apply', '-f', file)).code, 0);
      const again = await almanac('apply', '-f', file, '--dry-run');
      assert.doesNotMatch(again.stdout, /Capacity/);
      writeFileSync(
        file,
        JSON.stringify({ tasks: tasks.map((task) => ({ ...task, schedule: { kind: 'immediate' } })) }),
      );
      const moved = JSON.parse((await almanac('apply', '-f', file, '--dry-run', '--json')).stdout) as {
        capacity: { tasks: number; after: { peak: number } };
      };
      assert.deepEqual([moved.capacity.tasks, moved.capacity.after.peak], [30, 2]);
    });
  });
});
