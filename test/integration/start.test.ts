import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isRunning } from '../../bin/running-process.ts';
import { addressOf, type AlmanacProcess, runAlmanac } from '../support/almanac.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';

describe('the command line', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'almanac-start-'));
    chmodSync(folder, 0o711); // the database server of root runs as another user
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

  for (const command of ['start', 'distributor', 'migrate']) {
    it(`says everything that is wrong with its configuration at once, and starts nothing: ${command}`, async () => {
      const dataDir = join(folder, 'data');
      await using almanac = runAlmanac([command], {
        ALMANAC_DATA_DIR: dataDir,
        ALMANAC_PORT: 'eighty',
        ALMANAC_SLOTS: '0',
        ALMANAC_SLOTZ: '4',
        DATABASE_URL: 'mysql://root:secret@localhost/x',
      });
      assert.equal(await almanac.exited, 78);
      const said = almanac.stderr();
      for (const problem of [
        /ALMANAC_PORT: expected a number/,
        /ALMANAC_SLOTS: expected at least 1/,
        /ALMANAC_SLOTZ.*did you mean ALMANAC_SLOTS/,
        /DATABASE_URL: expected an address/,
      ]) {
        assert.match(said, problem);
      }
      assert.doesNotMatch(said, /secret/);
      assert.equal(almanac.stdout(), '');
      assert.equal(existsSync(dataDir), false);
    });
  }

  it('tells a service of its own which addresses it lacks', async () => {
    await using almanac = runAlmanac(['processor']);
    assert.equal(await almanac.exited, 78);
    assert.match(almanac.stderr(), /DATABASE_URL: .*\n.*AMQP_URL: /);
  });

  it('migrates an empty database, and finds nothing to do the second time', async () => {
    const postgres = await startPostgres();
    const database = await postgres.createDatabase();
    try {
      const reports: { applied: string[]; views: string[] }[] = [];
      for (let round = 1; round <= 2; round += 1) {
        await using almanac = runAlmanac(['migrate'], { DATABASE_URL: database.url });
        assert.equal(await almanac.exited, 0, almanac.stderr());
        const line = almanac.stdout().trim().split('\n').at(-1) ?? '';
        reports.push(JSON.parse(line) as (typeof reports)[number]);
      }
      assert.ok(Number(reports[0]?.applied.length) > 0);
      assert.deepEqual(reports[1]?.applied, []);
      assert.deepEqual(reports[1].views, reports[0]?.views);
    } finally {
      await database.drop();
    }
  });

  it('starts everything in an empty folder, runs a task, stops without a trace, and keeps the data', async () => {
    const begin = (): AlmanacProcess =>
      runAlmanac(['start', '--no-examples', '--port', '0'], {
        ALMANAC_DATA_DIR: join(folder, 'data'),
        ALMANAC_LOG_LEVEL: 'warn',
      });
    const taskId = await (async () => {
      await using first = begin();
      const url = await addressOf(first);
      const health = await fetch(new URL('/health', url));
      assert.equal(health.status, 200);
      const page = await fetch(url);
      assert.equal(page.status, existsSync('build/web') ? 200 : 404);

      await using second = begin();
      assert.equal(await second.exited, 1);
      assert.match(
        second.stderr(),
        new RegExp(`^Almanac already runs here \\(pid ${first.pid}, ${url}\\).*kill ${first.pid}`),
      );

      const id = await createTask(url);
      await eventually(async () => (await statusesOf(url, id)).join() === 'Completed');
      await stopInOrder(first);
      return id;
    })();
    await using again = begin();
    const url = await addressOf(again);
    assert.deepEqual(await statusesOf(url, taskId), ['Completed']);
    const another = await createTask(url);
    await eventually(async () => (await statusesOf(url, another)).join() === 'Completed');
    await stopInOrder(again);
  });

  async function stopInOrder(almanac: AlmanacProcess): Promise<void> {
    const family = await almanac.descendants();
    assert.ok(family.length > 0, 'it has a database server');
    almanac.signal('SIGINT');
    assert.equal(await almanac.exited, 0, almanac.stderr());
    await eventually(() => family.every((pid) => !isRunning(pid)));
    assert.equal(existsSync(join(folder, 'data', 'instance.json')), false);
  }
});

async function createTask(url: string): Promise<string> {
  const response = await fetch(new URL('/api/v1/tasks', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'first', taskType: 'noop', schedule: { kind: 'immediate' } }),
  });
  assert.equal(response.status, 201);
  return ((await response.json()) as { id: string }).id;
}

async function statusesOf(url: string, taskId: string): Promise<string[]> {
  const response = await fetch(new URL(`/api/v1/tasks/${taskId}/occurrences`, url));
  return ((await response.json()) as { items: { status: string }[] }).items.map((item) => item.status);
}
