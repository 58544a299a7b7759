import { parseArgs } from 'node:util';

import { createTasks, type Fleet, openFleet, quantile, waitFor } from './fleet.ts';

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '200,1700' },
    seconds: { type: 'string', default: '15' },
    runs: { type: 'string', default: '3' },
    processors: { type: 'string', default: '2' },
    slots: { type: 'string', default: '4' },
  },
});
const seconds = Number(values.seconds);
/** The first moments find cold caches and unprepared statements; they are run and not counted. */
const WARM_UP_SECONDS = 3;

/** Scheduled time to handler entry, in ms, of occurrences that fall due evenly. */
async function measure(fleet: Fleet, rate: number): Promise<number[]> {
  const { database } = fleet;
  const count = rate * (seconds + WARM_UP_SECONDS);
  await createTasks(database, count);
  fleet.clearLedger();
  await fleet.start('processor', Number(values.processors));
  await fleet.start('distributor', 1);
  await database.query(
    `insert into task_schedule (task_id, scheduled_time, due_at, revision)
     select id, at, at, revision
     from (select id, revision, (select clock_timestamp()) + interval '3 seconds' + id * interval '1 second' / ${rate} as at from tasks) as t`,
  );
  await waitFor(() => Promise.resolve(fleet.readLedger().length >= count));
  await fleet.stopAll();
  const ledger = fleet.readLedger();
  if (ledger.length !== count || new Set(ledger.map(([id]) => id)).size !== count) throw new Error('Not exactly once.');
  return ledger.filter(([id]) => Number(id.split('-')[0]) > rate * WARM_UP_SECONDS).map(([, lateness]) => lateness);
}

await using fleet = await openFleet({ ALMANAC_SLOTS: values.slots });
for (const rate of values.rates.split(',').map(Number)) {
  const runs: number[][] = [];
  for (let run = 0; run < Number(values.runs); run += 1) runs.push(await measure(fleet, rate));
  const each = (q: number) => runs.map((lateness) => quantile(lateness, q)).sort((a, b) => a - b);
  const [p50, p99] = [each(0.5), each(0.99)];
  const middle = Math.floor(runs.length / 2);
  console.log(
    `${rate.toLocaleString('en')}/s for ${seconds} s: p50 ${p50[middle]} ms, p99 ${p99[middle]} ms (median of ${runs.length} runs; p99 of each: ${p99.join(', ')} ms)`,
  );
}
