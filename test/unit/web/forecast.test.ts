import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { Forecast, ForecastStep } from '../../../api/contract/forecast.ts';
import { ticksUpTo, timeTicks } from '../../../web/src/forecast/axisTicks.ts';
import { axisTop, drawnPoints, forecastSeries, pointAt } from '../../../web/src/forecast/forecastSeries.ts';
import { forecastSentence } from '../../../web/src/forecast/forecastWords.ts';
import { reasonWords } from '../../../web/src/forecast/reasonWords.ts';
import { stepAfterKey } from '../../../web/src/forecast/stepAfterKey.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.parse('2026-11-21T09:00:00Z');

function step(minute: number, changes: Partial<ForecastStep> = {}): ForecastStep {
  return {
    at: new Date(START_MS + minute * MINUTE_MS).toISOString(),
    requiredInstances: 1,
    plannedInstances: 1,
    low: null,
    high: null,
    limit: 5,
    actualInstances: null,
    busyInstances: null,
    predictedLate: 0,
    top: [],
    ...changes,
  };
}

function forecast(steps: readonly ForecastStep[], nowMinute: number): Forecast {
  const now = new Date(START_MS + nowMinute * MINUTE_MS).toISOString();
  return {
    generatedAt: now,
    now,
    stepMs: MINUTE_MS,
    pool: 'default',
    mode: 'formula',
    leadTimeMs: 15_000,
    slotsPerReplica: 1,
    unscheduledSlots: 0,
    breach: null,
    steps: [...steps],
  };
}

describe('forecastSeries', () => {
  it('keeps unknown apart from zero', () => {
    const { points } = forecastSeries(
      forecast([step(0, { requiredInstances: null }), step(1, { requiredInstances: 0 })], 0),
    );
    assert.deepEqual(
      points.map(({ required }) => required),
      [null, 0],
    );
  });

  it('puts long forecasts together without losing a peak', () => {
    fc.assert(
      fc.property(fc.integer({ min: 601, max: 4_000 }), fc.nat(), (count, seed) => {
        const place = seed % count;
        const steps = Array.from({ length: count }, (_, minute) =>
          step(minute, minute === place ? { requiredInstances: 9, predictedLate: 2 } : {}),
        );
        const series = forecastSeries(forecast(steps, 0));
        assert.ok(series.points.length <= 601);
        const peak = pointAt(series.points, START_MS + place * MINUTE_MS);
        assert.equal(peak?.required, 9);
        assert.equal(
          series.points.reduce((sum, { late }) => sum + late, 0),
          2,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('finds where more is required than allowed, as one stretch', () => {
    const steps = [1, 6, 7, 2, 6].map((requiredInstances, minute) => step(minute, { requiredInstances }));
    assert.deepEqual(forecastSeries(forecast(steps, 0)).shortfalls, [
      { fromMs: START_MS + MINUTE_MS, untilMs: START_MS + 3 * MINUTE_MS, missing: 2 },
      { fromMs: START_MS + 4 * MINUTE_MS, untilMs: START_MS + 5 * MINUTE_MS, missing: 1 },
    ]);
  });

  it('draws what is there up to now and not further, and gives the last step its width', () => {
    const steps = [step(0, { actualInstances: 3 }), step(1, { actualInstances: 2 }), step(2)];
    const drawn = drawnPoints(forecastSeries(forecast(steps, 1.5)));
    assert.deepEqual(
      drawn.map(({ t, actual }) => [(t - START_MS) / MINUTE_MS, actual]),
      [
        [0, 3],
        [1, 2],
        [1.5, 2],
        [2, null],
        [3, null],
      ],
    );
  });

  it('shows the limit unless it is so far up that the peak would look like nothing', () => {
    assert.equal(axisTop(4, 8), 9);
    assert.equal(axisTop(4, 500), 5);
  });
});

describe('the sentence over the chart', () => {
  it('says what is there, the peak, and the next change', () => {
    const steps = [
      step(0, { actualInstances: 1 }),
      step(1, { plannedInstances: 3 }),
      step(2, { requiredInstances: 3, plannedInstances: 3 }),
    ];
    assert.equal(
      forecastSentence(forecastSeries(forecast(steps, 0.5)), 'UTC'),
      'Now 1 of at most 5 instances ready. Peak of 3 at 09:02 UTC, in 1 min, within the limit. Next change: up to 3 at 09:01 UTC.',
    );
  });

  it('says by how much the limit is too low, and how many are late', () => {
    const steps = [step(0), step(1, { requiredInstances: 7, predictedLate: 4 })];
    assert.match(
      forecastSentence(forecastSeries(forecast(steps, 0)), 'UTC'),
      /Peak of 7 at 09:01 UTC, .*, 2 over the limit of 5\..* 4 runs would start more than 10 s late\./,
    );
  });

  it('does not make up a forecast where there is none', () => {
    assert.equal(forecastSentence(forecastSeries(forecast([], 0)), 'UTC'), 'There is no forecast yet.');
  });
});

describe('the axes', () => {
  it('have their times on round minutes of the zone', () => {
    const ticks = timeTicks(START_MS + 7 * MINUTE_MS, START_MS + 190 * MINUTE_MS, 'Asia/Kathmandu', 14);
    for (const ms of ticks) assert.equal(((ms + 345 * MINUTE_MS) / MINUTE_MS) % 15, 0);
    assert.ok(ticks.length > 5 && ticks.length <= 14);
  });

  it('count instances in whole numbers at even distances', () => {
    assert.deepEqual(ticksUpTo(5), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(ticksUpTo(9), [0, 2, 4, 6, 8, 10]);
    assert.deepEqual(ticksUpTo(501), [0, 100, 200, 300, 400, 500, 600]);
  });
});

describe('walking along the chart', () => {
  it('stops at both ends', () => {
    assert.equal(stepAfterKey('ArrowLeft', 0, 20), 0);
    assert.equal(stepAfterKey('PageUp', 15, 20), 19);
    assert.equal(stepAfterKey('End', 3, 20), 19);
    assert.equal(stepAfterKey('Home', 3, 20), 0);
    assert.equal(stepAfterKey('x', 3, 20), undefined);
  });
});

describe('the reason of a scale decision', () => {
  it('is a sentence, with the cause when it failed, and is never swallowed', () => {
    assert.equal(reasonWords('already-right'), 'The number is already right.');
    assert.equal(
      reasonWords('work-ahead: the cluster did not answer'),
      'More work is coming than the instances can do. It failed: the cluster did not answer',
    );
    assert.equal(reasonWords('something new'), 'something new');
  });
});
