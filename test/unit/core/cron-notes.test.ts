import assert from 'node:assert/strict';

import { nextOccurrences, parseCron } from '../../../core/cron.ts';
import { annotateRuns } from '../../../core/cron-notes.ts';
import { type DstPolicy } from '../../../core/task.ts';
import { formatLocalTime } from '../../../core/time-zone.ts';

describe('annotateRuns', () => {
  it('marks the run that stands for times in a gap', () => {
    assert.deepEqual(annotated('30 2 * * *', '2026-03-27T12:00:00Z', 3), [
      '2026-03-28 02:30:00 +01:00 null',
      '2026-03-29 03:00:00 +02:00 gap_shifted',
      '2026-03-30 02:30:00 +02:00 null',
    ]);
  });

  it('marks both passes, or the one that runs', () => {
    const [from, count] = ['2026-10-24T12:00:00Z', 2] as const;
    assert.deepEqual(annotated('30 2 * * *', from, count), [
      '2026-10-25 02:30:00 +02:00 fold_first',
      '2026-10-26 02:30:00 +01:00 offset_changed',
    ]);
    assert.deepEqual(annotated('30 2 * * *', from, count, { gap: 'skip', repeat: 'last' }), [
      '2026-10-25 02:30:00 +01:00 fold_last',
      '2026-10-26 02:30:00 +01:00 null',
    ]);
    assert.deepEqual(annotated('0 * * * *', '2026-10-24T22:30:00Z', 5), [
      '2026-10-25 01:00:00 +02:00 null',
      '2026-10-25 02:00:00 +02:00 fold_first',
      '2026-10-25 02:00:00 +01:00 fold_last',
      '2026-10-25 03:00:00 +01:00 null',
      '2026-10-25 04:00:00 +01:00 null',
    ]);
  });

  it('marks a run at another offset than the run before', () => {
    assert.deepEqual(annotated('0 9 * * *', '2026-03-28T00:00:00Z', 3), [
      '2026-03-28 09:00:00 +01:00 null',
      '2026-03-29 09:00:00 +02:00 offset_changed',
      '2026-03-30 09:00:00 +02:00 null',
    ]);
  });

  it('marks nothing as moved when the policy or a stepped expression moves nothing', () => {
    const from = '2026-03-29T00:59:00Z';
    assert.deepEqual(annotated('0 2,3 * * *', from, 1), ['2026-03-29 03:00:00 +02:00 gap_shifted']);
    assert.deepEqual(annotated('0 2,3 * * *', from, 1, { gap: 'skip', repeat: 'first' }), [
      '2026-03-29 03:00:00 +02:00 null',
    ]);
    assert.deepEqual(annotated('0 * * * *', from, 1), ['2026-03-29 03:00:00 +02:00 null']);
    assert.deepEqual(annotated('0 3 * * *', from, 1), ['2026-03-29 03:00:00 +02:00 null']);
  });
});

function annotated(
  expression: string,
  from: string,
  count: number,
  dst: DstPolicy = { gap: 'shift', repeat: 'first' },
) {
  const timeZone = 'Europe/Berlin';
  const cron = parseCron(expression);
  const instants = nextOccurrences(cron, timeZone, dst, Date.parse(from), count);
  const notes = annotateRuns(cron, timeZone, dst, instants);
  return instants.map((atMs, index) => `${formatLocalTime(timeZone, atMs)} ${notes[index]}`);
}
