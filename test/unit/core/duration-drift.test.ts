import assert from 'node:assert/strict';

import { type RunsOfLate, withDrift } from '../../../core/duration-drift.ts';

const KNOWN = { count: 1_000, meanMs: 1_000, varianceMs2: 250_000, p90Ms: 1_700 };
const NONE = { count: 0, meanMs: 0 };
const newest = (count: number, meanMs: number): RunsOfLate => ({ newest: { count, meanMs }, today: NONE });

function driftOf(ofLate: RunsOfLate | undefined, known = KNOWN): number | undefined {
  return withDrift(new Map([['type', known]]), new Map(ofLate && [['type', ofLate]])).get('type')?.drift;
}

describe('durations that drift', () => {
  it('are as ever without word of the newest runs, of which twenty must be known', () => {
    assert.equal(driftOf(undefined), 1);
    assert.equal(driftOf(newest(19, 5_000)), 1);
    assert.equal(driftOf(newest(20, 5_000)), 5);
    assert.equal(driftOf(newest(100, 5_000), { ...KNOWN, count: 0 }), 1);
    assert.equal(driftOf(newest(100, 5_000), { ...KNOWN, meanMs: 0 }), 1);
  });

  it('are those whose newest mean is off by a tenth, and by more than chance makes of so few', () => {
    assert.equal(driftOf(newest(10_000, 1_099)), 1);
    assert.equal(driftOf(newest(10_000, 1_101)), 1.101);
    assert.equal(driftOf(newest(10_000, 800)), 0.8);
    // Three standard errors of 25 runs are 300 ms.
    assert.equal(driftOf(newest(25, 1_299)), 1);
    assert.equal(driftOf(newest(25, 1_301)), 1.301);
  });

  it('show in the last minutes, or in the day where few ran in these', () => {
    const today = { count: 300, meanMs: 1_500 };
    assert.equal(driftOf({ newest: { count: 19, meanMs: 3_000 }, today }), 1.5);
    assert.equal(driftOf({ newest: { count: 20, meanMs: 3_000 }, today }), 3);
    assert.equal(driftOf({ newest: NONE, today: { count: 19, meanMs: 1_500 } }), 1);
  });
});

describe('a drift of most types', () => {
  /** Drifts of types that ran in the last minutes, and what a type that did not is then taken to have. */
  function quietBeside(drifts: readonly number[], today: RunsOfLate['today'] = NONE): number | undefined {
    const names = drifts.map((_, index) => `type ${index}`);
    const ofLate = names.map((name, index) => [name, newest(400, 1_000 * Number(drifts[index]))] as const);
    const statistics = new Map([...names, 'quiet'].map((name) => [name, KNOWN]));
    const found = withDrift(statistics, new Map([...ofLate, ['quiet', { newest: NONE, today }]]));
    assert.deepEqual(
      names.map((name) => found.get(name)?.drift),
      drifts,
      'who ran speaks for himself',
    );
    return found.get('quiet')?.drift;
  }

  it('is that of a type that did not run in the last minutes', () => {
    assert.equal(quietBeside([1.4, 1.5, 1.3]), 1.4);
    assert.equal(quietBeside([1, 1.4, 1.4, 3]), 1.4);
  });

  it('is none when half of them are as ever, when they are few, or when they are quicker', () => {
    assert.equal(quietBeside([1, 1, 3, 3]), 1);
    assert.equal(quietBeside([2, 2]), 1);
    assert.equal(quietBeside([0.5, 0.5, 0.5]), 1);
  });

  it('counts for less than a slower day of its own', () => {
    assert.equal(quietBeside([1.4, 1.4, 1.4], { count: 100, meanMs: 2_000 }), 2);
    assert.equal(quietBeside([1.4, 1.4, 1.4], { count: 100, meanMs: 500 }), 1.4);
  });
});
