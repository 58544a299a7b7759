import { parseArgs } from 'node:util';

import { countOf, createTasks, type Fleet, median, openFleet, waitFor } from './fleet.ts';

const { values } = parseArgs({
  options: {
    occurrences: { type: 'string', default: '50000' },
    runs: { type: 'string', default: '3' },
    processors: { type: 'string', default: '2' },
    slots: { type: 'string', default: '4' },
  },
});
const occurrences = Number(values.occurrences);

/** From the first claim to the last recorded outcome, both on the database's clock, of a burst that is due when the distributor starts. */
async function measure(fleet: Fleet): Promise<number> {
  const { database } = fleet;
  await createTasks(database, occurrences);
  await database.query(
    `insert into task_schedule (task_id, scheduled_time, due_at, revision)
     select id, now.at, now.at, revision from tasks, (select date_trunc('milliseconds', clock_timestamp()) as at) as now`,
  );
  await database.query('vacuum (analyze) task_schedule');
  await database.query('vacuum (analyze) tasks');
  fleet.clearLedger();
  await fleet.start('processor', Number(values.processors));
  const before = fleet.readCpu();
  await fleet.start('distributor', 1);
  await waitFor(
    async () =>
      (await countOf(database, "select count(*) from task_schedule where status = 'Completed'")) === occurrences,
  );
  const { rows } = await database.query<{ seconds: number }>(
    `select extract(epoch from (select max(end_time) from task_schedule)
       - (select min(lease_until) - interval '30 seconds' from dispatch_batches))::float8 as seconds`,
  );
  const after = fleet.readCpu();
  const cpu = Object.entries(before).map(
    ([part, ms]) => `${part} ${Math.round(((after[part as keyof typeof after] - ms) * 1_000) / occurrences)}`,
  );
  console.log(`  CPU in µs per occurrence: ${cpu.join(', ')}`);
  await fleet.stopAll();
  checkExactlyOnce(fleet, await countOf(database, "select count(*) from task_runs where outcome = 'succeeded'"));
  return occurrences / Number(rows[0]?.seconds);
}

/** The handlers' own ledger is the witness, not the product's tables. */
function checkExactlyOnce(fleet: Fleet, runs: number): void {
  const ids = fleet.readLedger().map(([id]) => id);
  if (ids.length !== occurrences || new Set(ids).size !== occurrences || runs !== occurrences) {
    throw new Error(
      `Not exactly once: ${ids.length} handler runs, ${new Set(ids).size} different, ${runs} recorded, of ${occurrences}.`,
    );
  }
}

await using fleet = await openFleet({ ALMANAC_SLOTS: values.slots });
const rates: number[] = [];
for (let run = 1; run <= Number(values.runs); run += 1) {
  const rate = await measure(fleet);
  rates.push(rate);
  console.log(`run ${run}: ${Math.round(rate).toLocaleString('en')} occurrences/s, each exactly once`);
}
console.log(
  `median of ${rates.length}: ${Math.round(median(rates)).toLocaleString('en')} occurrences/s ` +
    `(${occurrences.toLocaleString('en')} due at once, 1 distributor, ${values.processors} processors of ${values.slots} slots)`,
);
