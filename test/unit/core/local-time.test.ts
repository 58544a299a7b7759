import assert from 'node:assert/strict';

import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import { instantsOfLocalTime } from '../../../core/local-time.ts';
import { changesOfClock, openWallClock } from '../../support/zone-oracle.ts';

function instants(timeZone: string, localTime: string): readonly string[] {
  return instantsOfLocalTime(timeZone, Date.parse(`${localTime}Z`)).map((atMs) =>
    new Date(atMs).toISOString().slice(0, 16),
  );
}

describe('instantsOfLocalTime', () => {
  it('is one instant as a rule', () => {
    assert.deepEqual(instants('UTC', '2026-05-01T12:00'), ['2026-05-01T12:00']);
    assert.deepEqual(instants('Asia/Kathmandu', '2026-05-01T12:00'), ['2026-05-01T06:15']);
    assert.deepEqual(instants('Europe/Berlin', '2026-03-29T01:59'), ['2026-03-29T00:59']);
    assert.deepEqual(instants('Europe/Berlin', '2026-03-29T03:00'), ['2026-03-29T01:00']);
    assert.deepEqual(instants('Pacific/Kiritimati', '2026-01-01T00:00'), ['2025-12-31T10:00']);
    assert.deepEqual(instants('Etc/GMT+12', '2026-01-01T00:00'), ['2026-01-01T12:00']);
  });

  it('is none when the clock jumps over the time', () => {
    assert.deepEqual(instants('Europe/Berlin', '2026-03-29T02:00'), []);
    assert.deepEqual(instants('Europe/Berlin', '2026-03-29T02:59'), []);
    assert.deepEqual(instants('Australia/Lord_Howe', '2026-10-04T02:15'), []);
    assert.deepEqual(instants('Pacific/Apia', '2011-12-30T12:00'), []);
  });

  it('is two when the time comes twice, the first pass first', () => {
    assert.deepEqual(instants('Europe/Berlin', '2026-10-25T02:00'), ['2026-10-25T00:00', '2026-10-25T01:00']);
    assert.deepEqual(instants('Europe/Berlin', '2026-10-25T03:00'), ['2026-10-25T02:00']);
    assert.deepEqual(instants('Australia/Lord_Howe', '2026-04-05T01:45'), ['2026-04-04T14:45', '2026-04-04T15:15']);
  });

  it('is every instant that shows the time, at every change of every clock in 2026', () => {
    let changes = 0;
    for (const timeZone of Intl.supportedValuesOf('timeZone')) {
      const clock = openWallClock(timeZone);
      for (const change of changesOfClock(clock, Date.UTC(2026), Date.UTC(2027))) {
        changes += 1;
        const offsets = [change.beforeOffsetMs, change.afterOffsetMs];
        for (let minutes = -90; minutes <= 90; minutes += 15) {
          for (const edgeMs of [0, -SECOND_MS]) {
            const localMs = change.atMs + change.beforeOffsetMs + minutes * MINUTE_MS + edgeMs;
            // Near a change no other offset is in force: asking the wall at both candidates finds all there are.
            const shown = [...new Set(offsets.map((offset) => localMs - offset))]
              .filter((atMs) => clock(atMs) === localMs)
              .sort((a, b) => a - b);
            assert.deepEqual(instantsOfLocalTime(timeZone, localMs), shown, `${timeZone} ${String(localMs)}`);
          }
        }
        const calmMs = change.atMs + change.beforeOffsetMs - DAY_MS;
        assert.deepEqual(instantsOfLocalTime(timeZone, calmMs), [change.atMs - DAY_MS], timeZone);
      }
    }
    assert.ok(changes > 100, `${changes} changes`);
  });
});
