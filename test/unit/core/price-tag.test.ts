import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { PlanRow } from '../../../core/demand-table.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { formulaCurve } from '../../../core/forecast.ts';
import { capacityFor, MAX_SHIFT_MS, priceTag } from '../../../core/price-tag.ts';

const FROM_MS = Date.parse('2026-11-21T09:00:00Z');
const SPAN = { fromMs: FROM_MS, seconds: (2 * HOUR_MS) / SECOND_MS };
const SETTINGS = { slotsPerReplica: 1, minReplicas: 0, maxReplicas: 100, leadTimeMs: 0, tailMs: 0, closingMs: 0 };

function row(minute: number, count: number, durationMs: number): PlanRow {
  return { atMs: FROM_MS + minute * MINUTE_MS, taskType: 'work', count, durationMs };
}

function tagOf(kept: readonly PlanRow[], added: readonly PlanRow[], settings = SETTINGS, before = kept) {
  return priceTag({ kept, added, shiftable: added }, capacityFor(before, SPAN, settings), SPAN, settings);
}

describe('the price tag', () => {
  it('says the peak before and after, when it is, and what is asked for in addition', () => {
    const tag = tagOf([row(30, 27, 1_000)], [row(30, 18, 1_000)]);
    assert.deepEqual([tag.peakBefore, tag.peakAfter, tag.peakAtMs], [3, 5, FROM_MS + 30 * MINUTE_MS]);
    // Two replicas more for the ten seconds of the window, twelve times a day as long as the two hours that were looked at.
    assert.equal(tag.replicaMinutesPerDay, ((2 * 10) / 60) * 12);
    assert.deepEqual([tag.computeMsPerDay, tag.runsPerDay], [18_000 * 12, 18 * 12]);
    assert.deepEqual([tag.firstLateAtMs, tag.lateBefore, tag.lateAfter], [null, 0, 0]);
  });

  it('names the nearest time at which it adds less', () => {
    const kept = [29, 30, 31].map((minute) => row(minute, 27, 1_000));
    assert.deepEqual(tagOf(kept, [row(30, 18, 1_000)]).nearestCheaper, { shiftMs: 2 * MINUTE_MS, peakAfter: 3 });
    const later = [30, 31, 32].map((minute) => row(minute, 27, 1_000));
    assert.deepEqual(tagOf(later, [row(30, 18, 1_000)]).nearestCheaper, { shiftMs: -MINUTE_MS, peakAfter: 3 });
  });

  it('names none when it adds nothing to the peak, when every time near it is as full, and when it can not be moved', () => {
    assert.equal(tagOf([row(30, 27, 1_000)], [row(40, 18, 1_000)]).nearestCheaper, null);
    const full = Array.from({ length: 61 }, (_, index) => row(index, 27, 1_000));
    assert.equal(tagOf(full, [row(30, 18, 1_000)]).nearestCheaper, null);
    const kept = [row(30, 27, 1_000)];
    const change = { kept, added: [row(30, 18, 1_000)], shiftable: [] };
    assert.equal(priceTag(change, capacityFor(kept, SPAN, SETTINGS), SPAN, SETTINGS).nearestCheaper, null);
  });

  it('says of which time on more starts late than without it', () => {
    const limited = { ...SETTINGS, maxReplicas: 1 };
    const kept = [row(10, 20, 2_000)]; // too much already
    const tag = tagOf(kept, [row(60, 20, 2_000)], limited);
    assert.equal(tag.firstLateAtMs, FROM_MS + 60 * MINUTE_MS);
    assert.deepEqual([tag.lateBefore > 0, tag.lateAfter], [true, 2 * tag.lateBefore]);
    assert.equal(tagOf(kept, [row(60, 1, 2_000)], limited).firstLateAtMs, null);
  });

  it('becomes cheaper when an edit takes work away', () => {
    const kept = [row(10, 9, 1_000)];
    const tag = tagOf(kept, [], SETTINGS, [...kept, row(10, 18, 1_000)]);
    assert.deepEqual([tag.peakBefore, tag.peakAfter, tag.replicaMinutesPerDay], [3, 1, ((-2 * 10) / 60) * 12]);
    assert.equal(tag.nearestCheaper, null);
  });

  it('has nothing to say of an empty span but zeros', () => {
    const nothing = { ...SPAN, seconds: 0 };
    const tag = priceTag({ kept: [], added: [], shiftable: [] }, capacityFor([], nothing, SETTINGS), nothing, SETTINGS);
    assert.deepEqual([tag.peakBefore, tag.peakAfter, tag.peakAtMs], [0, 0, null]);
  });

  it('says the peak that the formula then has, also for the cheaper time', () => {
    const rows = fc.array(
      fc.record({
        minute: fc.integer({ min: 0, max: 119 }),
        count: fc.integer({ min: 1, max: 40 }),
        durationMs: fc.integer({ min: 1, max: 40_000 }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    const peakOf = (some: readonly PlanRow[]): number => Math.max(...formulaCurve(some, SPAN, 1));
    let moved = 0;
    fc.assert(
      fc.property(rows, rows, (others, own) => {
        const [kept, added] = [others, own].map((some) =>
          some.map(({ minute, count, durationMs }) => row(minute, count, durationMs)),
        );
        assert.ok(kept && added);
        const tag = tagOf(kept, added);
        assert.equal(tag.peakBefore, peakOf(kept));
        assert.equal(tag.peakAfter, peakOf([...kept, ...added]));
        const shifted = (shiftMs: number): number =>
          peakOf([...kept, ...added.map((one) => ({ ...one, atMs: one.atMs + shiftMs }))]);
        const cheaper = tag.nearestCheaper;
        if (cheaper !== null) {
          moved += 1;
          assert.ok(Math.abs(cheaper.shiftMs) <= MAX_SHIFT_MS && cheaper.peakAfter < tag.peakAfter);
          assert.equal(cheaper.peakAfter, shifted(cheaper.shiftMs));
        }
        const nearer = (cheaper === null ? MAX_SHIFT_MS : Math.abs(cheaper.shiftMs)) - MINUTE_MS;
        for (let shiftMs = MINUTE_MS; shiftMs <= nearer; shiftMs += 7 * MINUTE_MS) {
          assert.ok(shifted(shiftMs) >= tag.peakAfter && shifted(-shiftMs) >= tag.peakAfter);
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(moved > 5, `a cheaper time was found ${moved} times`);
  });
});
