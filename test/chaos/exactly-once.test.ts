import assert from 'node:assert/strict';

import { eventually } from '../support/eventually.ts';
import { type Fleet, kill, openFleet, type Service } from '../support/fleet.ts';

const OCCURRENCES = 3_000;
const TASKS = 30;

describe('three thousand occurrences, while distributors and processors are killed', function () {
  this.timeout(240_000);
  let fleet: Fleet;

  before(async () => {
    fleet = await openFleet();
  });
  after(() => fleet[Symbol.asyncDispose]());

  it('each succeed exactly once, with attempts that only rise', async () => {
    for (let index = 0; index < TASKS; index += 1) {
      await fleet.createTask({
        payload: { sleepMs: 30 },
        schedule: { kind: 'once', at: '2199-01-01T00:00:00Z' },
        policies: { overlap: 'allow' },
        retry: { maxAttempts: 20, backoff: 'fixed', firstDelayMs: 0 },
      });
    }
    const variables = { ALMANAC_SLOTS: '4' };
    const distributors = await Promise.all([fleet.start('distributor'), fleet.start('distributor')]);
    const processors = await Promise.all([1, 2, 3].map(() => fleet.start('processor', variables)));
    // Spread over some seconds, so that claims, publishes and runs of many batches are under way at each kill.
    await fleet.query(
      `insert into task_schedule (task_id, scheduled_time, due_at, revision)
       select t.id, at, at, 1
       from tasks t, generate_series(1, $1::integer) n,
         lateral (select date_trunc('second', clock_timestamp()) + interval '1 second' + n * interval '120 ms' as at) as instant`,
      [OCCURRENCES / TASKS],
    );

    const ended = async (): Promise<number> => {
      const [row] = await fleet.query<{ n: string }>(
        `select count(*) as n from task_schedule where end_time is not null`,
      );
      return Number(row?.n);
    };
    const held = async (service: Service): Promise<number> => {
      const [row] = await fleet.query<{ n: string }>(
        `select count(*) as n from task_schedule s join replicas r on r.id = s.locked_by where r.name = $1`,
        [service.name],
      );
      return Number(row?.n);
    };
    const killLoaded = async (
      services: Service[],
      service: 'distributor' | 'processor',
      progress: number,
    ): Promise<void> => {
      await eventually(async () => (await ended()) >= progress, { timeoutMs: 90_000 });
      // A kill that hits nobody at work proves nothing, so it is one that has work in hand; which one, nobody knows beforehand.
      const victim = await eventually(
        async () => {
          const loads = await Promise.all(services.map(held));
          return services[loads.findIndex((load) => load > 0)] ?? false;
        },
        { timeoutMs: 30_000, periodMs: 1 },
      );
      const index = services.indexOf(victim);
      await kill(victim);
      services[index] = await fleet.start(service, variables);
    };
    await killLoaded(processors, 'processor', 300);
    await killLoaded(distributors, 'distributor', 900);
    await killLoaded(processors, 'processor', 1_500);

    await eventually(async () => (await ended()) === OCCURRENCES, { timeoutMs: 120_000, periodMs: 200 });
    const rows = await fleet.occurrences();
    assert.equal(rows.length, OCCURRENCES, 'none was lost');
    const runs = await fleet.runs();
    const runsOf = new Map<string, typeof runs>();
    for (const run of runs) {
      const key = `${run.task_id}-${run.scheduled_time.getTime()}`;
      runsOf.set(key, [...(runsOf.get(key) ?? []), run]);
    }
    let lost = 0;
    for (const row of rows) {
      const mine = runsOf.get(`${row.task_id}-${row.scheduled_time.getTime()}`) ?? [];
      lost += mine.filter((run) => run.outcome === 'lost').length;
      assert.equal(row.status, 'Completed');
      assert.deepEqual(
        mine.map((run) => run.attempt),
        mine.map((_, index) => index + 1),
        'attempts rise by one',
      );
      assert.equal(mine.filter((run) => run.outcome === 'succeeded').length, 1);
      assert.equal(mine.at(-1)?.outcome, 'succeeded');
      assert.equal(row.attempt, mine.length);
    }
    assert.ok(lost > 0, 'the kills hit something');
    assert.deepEqual(await fleet.query('select from running_tasks'), []);
    assert.equal(await sumOfStatistics(), OCCURRENCES);
  });

  async function sumOfStatistics(): Promise<number> {
    const [row] = await fleet.query<{ n: string }>('select sum(succeeded) as n from task_type_statistics');
    return Number(row?.n);
  }
});
