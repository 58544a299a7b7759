import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatOffset,
  formatRelative,
  formatShort,
} from '../../../web/src/time/formatInstant.ts';
import { instantToWallTime, wallTimeToInstant } from '../../../web/src/time/wallTime.ts';

const at = (iso: string) => Date.parse(iso);

describe('how the pages write instants', () => {
  it('says the offset of the zone at that instant, not today', () => {
    assert.equal(formatOffset(at('2026-01-15T12:00:00Z'), 'Europe/Rome'), 'UTC+1');
    assert.equal(formatOffset(at('2026-07-15T12:00:00Z'), 'Europe/Rome'), 'UTC+2');
    assert.equal(formatOffset(at('2026-07-15T12:00:00Z'), 'Asia/Kolkata'), 'UTC+5:30');
    assert.equal(formatOffset(at('2026-01-15T12:00:00Z'), 'America/Los_Angeles'), 'UTC\u22128');
    assert.equal(formatOffset(at('2026-01-15T12:00:00Z'), 'UTC'), 'UTC');
  });

  it('leaves out the day only when it is today in the zone that is shown', () => {
    const nowMs = at('2026-11-21T23:30:00Z');
    assert.equal(formatShort(at('2026-11-21T23:45:00Z'), 'UTC', nowMs), '23:45');
    assert.equal(formatShort(at('2026-11-21T23:45:00Z'), 'Europe/Rome', nowMs), '00:45');
    assert.equal(formatShort(at('2026-11-22T00:15:00Z'), 'UTC', nowMs), '22 Nov, 00:15');
    assert.equal(formatShort(at('2027-01-02T00:15:00Z'), 'UTC', nowMs), '2 Jan 2027, 00:15');
  });

  it('writes a whole date with its weekday', () => {
    assert.equal(formatDateTime(at('2027-03-28T01:30:00Z'), 'Europe/Berlin'), 'Sun 28 Mar 2027, 03:30:00');
  });

  it('says how far away an instant is only within a day', () => {
    assert.equal(formatRelative(90_000, 0), 'in 1 min');
    assert.equal(formatRelative(0, 4_000), '4 s ago');
    assert.equal(formatRelative(1_000, 0), 'now');
    assert.equal(formatRelative(7_800_000, 0), 'in 2 h 10 min');
    assert.equal(formatRelative(86_400_000, 0), null);
  });

  it('writes durations as people say them', () => {
    const written = [0, 402.5, 1_250, 12_340, 200_000, 7_500_000, 356_400_000].map((ms) => formatDuration(ms));
    assert.deepEqual(written, ['0 ms', '403 ms', '1.25 s', '12.3 s', '3 min 20 s', '2 h 5 min', '4 d 3 h']);
  });

  it('writes memory in powers of 1,024', () => {
    assert.deepEqual([512, 1_536, 48_000_000].map(formatBytes), ['512 B', '1.5 kB', '45.8 MB']);
  });
});

describe('what a wall-clock time means', () => {
  it('is one instant on an ordinary day', () => {
    assert.deepEqual(wallTimeToInstant('2026-11-21T09:00', 'Europe/Rome'), {
      kind: 'unique',
      ms: at('2026-11-21T08:00:00Z'),
    });
  });

  it('does not exist in the hour that the clock jumps over', () => {
    assert.deepEqual(wallTimeToInstant('2027-03-28T02:30', 'Europe/Berlin'), {
      kind: 'gap',
      ms: at('2027-03-28T01:00:00Z'),
    });
  });

  it('is two instants in the hour that repeats', () => {
    assert.deepEqual(wallTimeToInstant('2026-10-25T02:30', 'Europe/Berlin'), {
      kind: 'fold',
      ms: at('2026-10-25T00:30:00Z'),
      secondMs: at('2026-10-25T01:30:00Z'),
    });
  });

  it('knows the half-hour change of Lord Howe', () => {
    assert.equal(wallTimeToInstant('2026-10-04T02:15', 'Australia/Lord_Howe').kind, 'gap');
  });

  it('is nothing for what is no date', () => {
    for (const text of ['', 'tomorrow', '2026-02-30T10:00', '2026-11-21']) {
      assert.deepEqual(wallTimeToInstant(text, 'UTC'), { kind: 'unreadable' });
    }
  });

  it('comes back from the field as the instant that was put into it, in every zone', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('2020-01-01T00:00:00Z') / 60_000, max: at('2035-01-01T00:00:00Z') / 60_000 }),
        (zone, minute) => {
          const ms = minute * 60_000;
          const instant = wallTimeToInstant(instantToWallTime(ms, zone), zone);
          assert.ok(instant.kind === 'unique' || instant.kind === 'fold', `${zone} ${ms}: ${instant.kind}`);
          assert.ok(instant.ms === ms || (instant.kind === 'fold' && instant.secondMs === ms));
        },
      ),
      { numRuns: 300 },
    );
  });
});
