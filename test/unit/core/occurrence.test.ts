import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  formatOccurrenceId,
  formatRunId,
  isLegalTransition,
  OCCURRENCE_STATUSES,
  OCCURRENCE_TRANSITIONS,
  parseOccurrenceId,
  parseRunId,
} from '../../../core/occurrence.ts';

describe('the states of an occurrence', () => {
  it('end in Completed, Skipped, Expired and Cancelled; only Failed may be sent round again', () => {
    for (const status of ['Completed', 'Skipped', 'Expired', 'Cancelled'] as const)
      assert.deepEqual(OCCURRENCE_TRANSITIONS[status], []);
    assert.deepEqual(OCCURRENCE_TRANSITIONS.Failed, ['Scheduled']);
  });

  it('all lie on a way from Scheduled', () => {
    const reached = new Set<string>(['Scheduled']);
    for (const from of reached) {
      for (const to of OCCURRENCE_STATUSES) if (isLegalTransition(from as 'Scheduled', to)) reached.add(to);
    }
    assert.deepEqual([...reached].sort(), [...OCCURRENCE_STATUSES].sort());
  });

  it('never lead past the claim or the start', () => {
    assert.equal(isLegalTransition('Scheduled', 'Running'), false);
    assert.equal(isLegalTransition('Queued', 'Completed'), false);
    assert.equal(isLegalTransition('Queued', 'Running'), true);
  });
});

describe('ids of occurrences and runs', () => {
  const taskId = fc.bigInt({ min: 1n, max: 9_223_372_036_854_775_807n }).map(String);
  const scheduledMs = fc.integer({ min: 0, max: 999_999_999_999_999 });

  it('are read back as they were written, also beyond what a JavaScript number holds', () => {
    fc.assert(
      fc.property(taskId, scheduledMs, fc.integer({ min: 1, max: 999_999_999 }), (id, atMs, attempt) => {
        const key = { taskId: id, scheduledMs: atMs };
        assert.deepEqual(parseOccurrenceId(formatOccurrenceId(key)), key);
        assert.deepEqual(parseRunId(formatRunId({ ...key, attempt })), { ...key, attempt });
      }),
    );
  });

  it('are refused in any other form', () => {
    for (const id of ['', '7', '7-', '-7-1', '0-1', '07-1', '7-1-1', '7-1 ', '7-1e3', 'x-1', '7-1234567890123456']) {
      assert.throws(() => parseOccurrenceId(id), /Not the id of a occurrence|Not the id of an occurrence/);
    }
    for (const id of ['', '7-1', '7-1-0', '7-1-01', '7-1--1', '7-1-1-1'])
      assert.throws(() => parseRunId(id), /Not the id of a run/);
  });
});
