import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import type { Ledger } from '../../api/contract/ledger.ts';
import type { TaskDraft } from '../../api/contract/task.ts';
import { expansionHorizonMs } from '../../core/plan.ts';
import { instantsBetween } from '../../core/schedule.ts';
import type { TaskSchedule } from '../../core/task.ts';
import { settleSchedule } from '../../db/task-timing.ts';
import { type Random, randomFrom } from '../support/change-schedules.ts';
import { definitionOf } from '../support/database.ts';
import { createThroughApi, deactivateThroughApi, stormOfEdits, type StormReport } from '../support/edit-storm.ts';
import { eventually } from '../support/eventually.ts';
import { type Fleet, kill, openFleet, type Service } from '../support/fleet.ts';
import { instantsInForce, readRevisions } from '../support/revisions.ts';
import { busyTask } from '../support/storm-schedules.ts';
import type { WitnessLine } from '../support/task-types.ts';

const TASKS = 500;
const CHANGES_PER_SECOND = 62; // of which four in five are edits
const CLIENTS = 8;
/** The seed repeats what is asked for and who is killed; when things happen is up to the machine. */
const seed = Number(process.env.ALMANAC_TEST_SEED ?? Date.now() % 2 ** 31);
/** The storm lasts until there were so many edits, and a kill for every hundred of them. */
const leastEdits = Number(process.env.ALMANAC_TEST_STORM_EDITS ?? 1_000);
const leastKills = leastEdits / 100;

describe('five schedulers under a storm of fifty edits a second, with processes killed at random', function () {
  this.timeout(300_000 + leastEdits * 100);
  let fleet: Fleet;
  let file: string;
  /** Where the API is. */
  let api: string;
  let storm: StormReport;
  let kills = 0;
  let ahead: readonly AheadRow[];
  /** Looks at the rollup of the demand during the storm, and what they found amiss. */
  let looks = 0;
  const wrongDemand: object[] = [];

  before(async () => {
    process.setMaxListeners(100); // each process that is started leaves one, until it ends
    fleet = await openFleet();
    file = fleet.journalFile;
    writeFileSync(file, '');
    api = await startApi();
    const halves = [
      ['scheduler', 'scheduler', 'scheduler', 'scheduler', 'scheduler'],
      ['distributor', 'distributor', 'processor', 'processor'],
    ] as const;
    const services = await Promise.all(halves.map(startAll));

    const random = randomFrom(seed);
    const draft = (edit: number) => busyTask(random, Date.now(), file, edit);
    const drafts = await createThroughApi(api, TASKS, () => draft(0));
    const stopping = new AbortController();
    const isOver = (edits: number) => stopping.signal.aborted || (edits >= leastEdits && kills >= leastKills);
    process.stdout.write(`\n    seed ${seed}\n`);
    const killers = services.map((half, index) =>
      killAtRandom(half, randomFrom(seed + 1 + index), stopping.signal).finally(() => stopping.abort()),
    );
    const watcher = watchDemand(stopping.signal);
    try {
      const options = { url: api, clients: CLIENTS, changesPerSecond: CHANGES_PER_SECOND, random, draft, isOver };
      storm = await stormOfEdits(drafts, options);
    } finally {
      stopping.abort();
      await Promise.all([...killers, watcher]);
    }

    await eventually(async () => (await behindHorizon()) === 0, { timeoutMs: 90_000, periodMs: 100 });
    ahead = await readAhead();
    await deactivateThroughApi(api, [...drafts.keys()]);
    await eventually(async () => (await unfinished()) === 0, { timeoutMs: 60_000, periodMs: 100 });
  });
  after(() => fleet[Symbol.asyncDispose]());

  it('is a storm', () => {
    const attempts = witnessed().length;
    process.stdout.write(`\n    ${JSON.stringify({ seed, kills, ...storm.counts, attempts })}\n`);
    assert.ok(kills >= leastKills);
    assert.ok(storm.counts.edits >= leastEdits);
    assert.ok(storm.counts.conflicts > 0, 'no two clients met');
    assert.ok(attempts >= leastEdits, `only ${attempts} attempts`);
  });

  it('loses no edit: each was accepted on top of the one before', () => {
    for (const [taskId, drafts] of storm.drafts) {
      for (let edit = 0; edit < drafts.length; edit += 1) assert.ok(drafts[edit], `edit ${edit} of task ${taskId}`);
      const row = ahead.find(({ id }) => id === taskId);
      assert.equal(row?.edit, drafts.length - 1);
    }
  });

  it('leaves exactly the rows ahead that the final revisions call for', () => {
    assert.equal(ahead.length, TASKS);
    let rows = 0;
    for (const { id, edit, status, now_ms, horizon_ms, times, strange } of ahead) {
      const nowMs = Math.floor(now_ms);
      const schedule = scheduleOf(id, edit);
      const expected = status === 'active' ? instantsBetween(schedule, nowMs + 1, horizon_ms, Infinity) : [];
      assert.deepEqual(isoOf(times), isoOf(expected), `task ${id}, ${status}, ${JSON.stringify(schedule)}`);
      assert.equal(strange, 0, `task ${id} has rows ahead of another revision, or that have begun`);
      rows += times.length;
    }
    assert.ok(rows > TASKS, `only ${rows} rows`);
  });

  it('has the demand ahead added up as the rows say, at each moment of the storm', () => {
    assert.ok(looks > 0);
    assert.deepEqual(wrongDemand, []);
  });

  it('starts nothing of an older revision, or of a stopped task, after the answer to the change', async () => {
    const revisions = groupBy(await readRevisions(fleet), ({ task_id }) => task_id);
    const answers = groupBy(storm.answers, ({ taskId }) => taskId);
    const starts = new Map((await readStarts()).map((run) => [`${run.key}/${run.attempt}`, run]));
    for (const { occurrence, attempt, edit } of witnessed()) {
      const start = starts.get(`${occurrence}/${attempt}`);
      assert.ok(start, `attempt ${attempt} of ${occurrence} has left no run`);
      const { task_id: taskId, started_ms: startedMs } = start;
      // Instants in the database are rounded to whole ms.
      const known = (answers.get(taskId) ?? []).filter(({ answeredMs }) => answeredMs + 1 < startedMs);
      const least = Math.max(0, ...known.map(({ revision }) => revision));
      const allowed = (revisions.get(taskId) ?? []).filter(
        (revision) => revision.revision >= least && revision.active && revision.from_ms <= startedMs + 1,
      );
      assert.ok(
        allowed.some((revision) => revision.edit === edit),
        `${occurrence}, attempt ${attempt}, ran edit ${edit} at ${new Date(startedMs).toISOString()}, ` +
          `after revision ${least} had been answered: ${JSON.stringify(revisions.get(taskId))}`,
      );
    }
  });

  it('loses no occurrence and invents none', async () => {
    const revisions = groupBy(await readRevisions(fleet), ({ task_id }) => task_id);
    assert.ok(
      [...revisions.values()].every((ofTask) => ofTask.at(-1)?.active === false),
      'all are deactivated in the end, so that each active revision has its end',
    );
    const recorded = groupBy(await readRecorded(), ({ task_id }) => task_id);
    const lost: string[] = [];
    const invented: string[] = [];
    let expectedCount = 0;
    for (const [taskId, ofTask] of revisions) {
      const expected = new Set(
        ofTask.flatMap((revision) => instantsInForce(scheduleOf(taskId, revision.edit), revision, NaN)),
      );
      const found = new Set((recorded.get(taskId) ?? []).map(({ at_ms }) => at_ms));
      expectedCount += expected.size;
      lost.push(...[...expected].filter((atMs) => !found.has(atMs)).map((atMs) => nameOf(taskId, atMs)));
      invented.push(...[...found].filter((atMs) => !expected.has(atMs)).map((atMs) => nameOf(taskId, atMs)));
    }
    assert.ok(expectedCount > TASKS);
    assert.deepEqual({ lost, invented }, { lost: [], invented: [] });
  });

  it('has a ledger that says so', async () => {
    const response = await fetch(`${api}/api/v1/ledger`);
    const { expected, pending, unaccounted, unexpected, problems } = (await response.json()) as Ledger;
    assert.deepEqual(
      { pending, unaccounted, unexpected, problems },
      { pending: 0, unaccounted: 0, unexpected: 0, problems: [] },
    );
    assert.ok(expected >= leastEdits);
  });

  it('ends each occurrence, and none succeeds twice', async () => {
    assert.equal(await unfinished(), 0);
    assert.deepEqual(await fleet.query('select from running_tasks'), []);
    const twice = await fleet.query(
      `select task_id, scheduled_time from task_runs where outcome = 'succeeded' group by 1, 2 having count(*) > 1`,
    );
    assert.deepEqual(twice, []);
  });

  async function startApi(): Promise<string> {
    const service = await fleet.start('api', { ALMANAC_PORT: '0' });
    const url = /"url":"([^"]+)"/.exec(service.stdout())?.[1];
    assert.ok(url, service.stdout());
    return url;
  }

  async function startAll(kinds: readonly Running['kind'][]): Promise<Running[]> {
    const running: Running[] = [];
    for (const kind of kinds) running.push(await startOne(kind));
    return running;
  }

  async function startOne(kind: Running['kind']): Promise<Running> {
    return { kind, service: await fleet.start(kind, { ALMANAC_SLOTS: '8', ALMANAC_LOG_LEVEL: 'warn' }) };
  }

  /** Each that is killed is started again before the next is. */
  async function killAtRandom(running: Running[], random: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(random() * 1_500);
      const index = Math.floor(random() * running.length);
      const victim = running[index];
      assert.ok(victim);
      await kill(victim.service);
      kills += 1;
      running[index] = await startOne(victim.kind);
    }
  }

  async function watchDemand(signal: AbortSignal): Promise<void> {
    do {
      wrongDemand.push(...(await fleet.query(`select * from demand_differences('-infinity', 'infinity')`)));
      looks += 1;
      await pause(1_000);
    } while (!signal.aborted);
  }

  function witnessed(): WitnessLine[] {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WitnessLine);
  }

  function scheduleOf(taskId: string, edit: number): TaskSchedule {
    const draft: TaskDraft | undefined = storm.drafts.get(taskId)?.[edit];
    assert.ok(draft);
    return settleSchedule(definitionOf(draft).schedule, NaN, []);
  }

  /** Tasks that wait for a scheduler: to be expanded, or to go on after a pause. */
  async function behindHorizon(): Promise<number> {
    const [row] = await fleet.query<{ n: number }>(
      `select count(*)::integer as n from tasks
       where status = 'active' and (expanded_until < to_timestamp($1::float8 / 1000) or expand_error is not null)
         or paused_until is not null`,
      [expansionHorizonMs(Date.now())],
    );
    return Number(row?.n);
  }

  async function unfinished(): Promise<number> {
    const [row] = await fleet.query<{ n: number }>(
      `select count(*)::integer as n from task_schedule where status in ('Scheduled', 'Queued', 'Running')`,
    );
    return Number(row?.n);
  }

  function readAhead(): Promise<AheadRow[]> {
    return fleet.query<AheadRow>(
      `with clock as materialized (select clock_timestamp() as now)
       select
         t.id, t.status, (t.payload ->> 'edit')::integer as edit, (extract(epoch from c.now) * 1000)::float8 as now_ms,
         $1::float8 as horizon_ms, a.times, a.strange
       from tasks as t
       cross join clock as c
       cross join lateral (
         select
           coalesce(array_agg((extract(epoch from s.scheduled_time) * 1000)::float8 order by s.scheduled_time), '{}') as times,
           count(*) filter (where s.revision <> t.revision or s.status not in ('Scheduled', 'Queued'))::integer as strange
         from task_schedule as s
         where s.task_id = t.id and s.scheduled_time > c.now
       ) as a`,
      [expansionHorizonMs(Date.now())],
    );
  }

  function readStarts(): Promise<StartRow[]> {
    return fleet.query<StartRow>(
      `select task_id, task_id || '-' || (extract(epoch from scheduled_time) * 1000)::bigint as key, attempt,
         (extract(epoch from started_at) * 1000)::float8 as started_ms
       from task_runs`,
    );
  }

  function readRecorded(): Promise<{ task_id: string; at_ms: number }[]> {
    return fleet.query(
      `select task_id, (extract(epoch from scheduled_time) * 1000)::float8 as at_ms
       from task_schedule where trigger in ('schedule', 'catch-up')`,
    );
  }
});

interface Running {
  readonly kind: 'scheduler' | 'distributor' | 'processor';
  readonly service: Service;
}

interface AheadRow {
  readonly id: string;
  readonly status: string;
  readonly edit: number;
  readonly now_ms: number;
  readonly horizon_ms: number;
  readonly times: number[];
  readonly strange: number;
}

interface StartRow {
  readonly task_id: string;
  readonly key: string;
  readonly attempt: number;
  readonly started_ms: number;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function isoOf(instants: readonly number[]): string[] {
  return instants.map((atMs) => new Date(atMs).toISOString());
}

function nameOf(taskId: string, atMs: number): string {
  return `task ${taskId} at ${new Date(atMs).toISOString()}`;
}
