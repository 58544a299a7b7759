import assert from 'node:assert/strict';

import type { AutoscalerReplicas } from '../../api/contract/forecast.ts';
import type { AutoscalerControls } from '../../api/contract/scaling.ts';
import { openTestApi, type TestApi } from '../support/api.ts';
import { type CommandLine, commandLineOf } from '../support/command-line.ts';

const PATH = '/api/v1/autoscaler/controls';
const FREE = {
  mode: 'automatic',
  scaleOutPaused: false,
  scaleInPaused: false,
  override: null,
  reason: null,
} as const;

describe('steering the autoscaler', function () {
  this.timeout(60_000);
  let api: TestApi;
  let almanac: CommandLine;

  beforeEach(async () => {
    api = await openTestApi();
    almanac = commandLineOf(api.url);
  });
  afterEach(() => api[Symbol.asyncDispose]());

  const read = async (pool = 'default'): Promise<AutoscalerReplicas> =>
    (await api.send<AutoscalerReplicas>('GET', `/api/v1/autoscaler/replicas?pool=${pool}`)).body;

  it('orders nothing at first', async () => {
    const { controls, leadTime, writer } = await read();
    assert.deepEqual(controls, { ...FREE, updatedAt: null });
    assert.deepEqual(leadTime, { ms: 15_000, samples: 0, p95Ms: null, p995Ms: null });
    assert.equal(writer, null);
  });

  it('replaces all that is ordered, by pool, and keeps each order among the decisions', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const first = { mode: 'advisory', override: { replicas: 20, until }, reason: 'the sale' };
    const answer = await api.send<AutoscalerControls>('PUT', PATH, { body: first });
    assert.equal(answer.status, 200);
    const { updatedAt, ...controls } = answer.body;
    assert.deepEqual(controls, { ...FREE, ...first });
    assert.ok(updatedAt !== null);
    await api.send('PUT', PATH, { body: { scaleInPaused: true } });
    const after = await read();
    assert.deepEqual(after.controls, { ...FREE, scaleInPaused: true, updatedAt: after.controls.updatedAt });
    assert.deepEqual((await read('other')).controls, { ...FREE, updatedAt: null });
    assert.deepEqual(
      after.decisions.map(({ outcome, toReplicas, detail }) => [outcome, toReplicas, detail]),
      [
        ['ordered', 0, 'Ordered: scaling in is paused.'],
        ['ordered', 20, `Ordered: only say what would be done; hold 20 until ${until}. Why: the sale`],
      ],
    );
    assert.equal(after.replicas, null, 'an order is no wish yet');
  });

  it('refuses an order that is over, and one that means nothing', async () => {
    const past = { override: { replicas: 3, until: '2020-01-01T00:00:00Z' } };
    const problem = await api.refuse('PUT', PATH, 422, 'invalid_input', { body: past });
    assert.deepEqual(
      problem.errors?.map(({ path }) => path),
      ['override.until'],
    );
    for (const body of [
      { mode: 'manual' },
      { override: { replicas: -1, until: '2199-01-01T00:00:00Z' } },
      { paused: true },
    ])
      await api.refuse('PUT', PATH, 422, 'invalid_input', { body });
  });

  it('is done from the command line as well', async () => {
    const done = async (...args: readonly string[]): Promise<string> => {
      const said = await almanac('scaling', ...args);
      assert.equal(said.code, 0, said.stderr);
      return said.stdout;
    };
    assert.match(await done('override', '7', '--until', '2199-01-01T00:00:00Z'), /^override +7 until 2199-01-01/m);
    assert.match(await done('pause', 'in', '--reason', 'an update'), /^paused +in$/m);
    await done('advisory');
    const { controls } = await read();
    assert.equal(controls.override?.replicas, 7);
    assert.deepEqual([controls.mode, controls.scaleInPaused, controls.scaleOutPaused], ['advisory', true, false]);
    const shown = await done('show');
    assert.match(shown, /^lead time +15000 ms \(nothing measured yet, 0 starts\)$/m);
    assert.match(shown, /ordered +Ordered: .*scaling in is paused\. Why: an update/);
    await done('resume', 'override');
    assert.equal((await read()).controls.override, null);
    assert.equal((await read()).controls.scaleInPaused, true);
    const free = JSON.parse(await done('resume', '--json')) as AutoscalerControls;
    assert.deepEqual(free, { ...FREE, updatedAt: free.updatedAt });
  });
});
