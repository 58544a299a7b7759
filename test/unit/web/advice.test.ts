import assert from 'node:assert/strict';

import {
  adviceSentence,
  canUndo,
  chosenMoves,
  count,
  moveText,
  peakChange,
} from '../../../web/src/advice/adviceWords.ts';
import type { Advice, AdviceMove, AppliedAdvice } from '../../../web/src/api/shapes.ts';

const MOVE: AdviceMove = {
  taskId: '7',
  taskName: 'assay',
  taskType: 'lab.measurement',
  revision: 3,
  fromOffsetMs: 0,
  offsetMs: 90_000,
  windowMs: 300_000,
  occurrences: 3,
  peakAt: '2026-11-21T09:00:00.000Z',
  peakAfter: 41,
};

const ADVICE: Advice = {
  pool: 'default',
  now: '2026-11-21T08:30:00.000Z',
  until: '2026-11-21T11:30:00.000Z',
  peakAt: '2026-11-21T09:00:00.000Z',
  before: { peak: 77, replicaMinutes: 400 },
  after: { peak: 41, replicaMinutes: 300 },
  withSuggestions: { peak: 30, replicaMinutes: 280 },
  moves: [MOVE, { ...MOVE, taskId: '8' }],
  suggestions: [{ ...MOVE, taskId: '9', windowMs: 120_000 }],
  stepMs: 60_000,
  steps: [],
};

describe('advice in words', () => {
  it('is a sentence with the peaks', () => {
    assert.equal(
      adviceSentence(ADVICE),
      'Moving 2 flexible tasks lowers the peak from 77 to 41. If 1 more task may start a little later, it falls to 30.',
    );
    assert.equal(
      adviceSentence({ ...ADVICE, suggestions: [] }),
      'Moving 2 flexible tasks lowers the peak from 77 to 41.',
    );
    assert.equal(
      adviceSentence({ ...ADVICE, moves: [] }),
      'The peak is 77 instances, and no flexible task can be moved for a lower one. If 1 more task may start a little later, it falls to 30.',
    );
    assert.equal(
      adviceSentence({ ...ADVICE, moves: [], suggestions: [], before: { peak: 1, replicaMinutes: 2 } }),
      'The peak is 1 instance, and moving tasks would not lower it.',
    );
  });

  it('says from where to where a task goes', () => {
    assert.equal(moveText(MOVE), 'from its time to 1 min 30 s after it');
    assert.equal(moveText({ fromOffsetMs: null, offsetMs: 0 }), 'from several places to its time');
    assert.equal(moveText({ fromOffsetMs: 40_000, offsetMs: 20_000 }), 'from 40 s to 20 s after its time');
  });

  it('takes what is ticked: a suggestion with its window, a move without', () => {
    assert.deepEqual(chosenMoves(ADVICE, new Set(['7']), new Set(['9'])), [
      { taskId: '8', revision: 3, offsetMs: 90_000 },
      { taskId: '9', revision: 3, offsetMs: 90_000, windowMs: 120_000 },
    ]);
    assert.deepEqual(
      chosenMoves(ADVICE, new Set(), new Set()).map(({ taskId }) => taskId),
      ['7', '8'],
    );
  });

  it('says what an application did, and whether it can be taken back', () => {
    assert.equal(peakChange({ peakBefore: 77, peakAfter: 41 }), 'The peak goes from 77 to 41 instances.');
    assert.equal(peakChange({ peakBefore: 1, peakAfter: 1 }), 'The peak stays at 1 instance.');
    assert.equal(count(1_200, 'task'), '1,200 tasks');
    const move = {
      taskId: '7',
      taskName: 'a',
      revision: 2,
      fromOffsetMs: 0,
      offsetMs: 1,
      windowBeforeMs: 1,
      windowMs: 1,
    };
    const applied: AppliedAdvice = {
      id: '1',
      pool: 'default',
      appliedAt: '2026-11-21T08:30:00.000Z',
      until: '2026-11-21T11:30:00.000Z',
      peakBefore: 77,
      peakAfter: 41,
      state: 'partly-undone',
      moves: [
        { ...move, state: 'undone' },
        { ...move, state: 'changed' },
      ],
    };
    assert.equal(canUndo(applied), false);
    assert.equal(canUndo({ ...applied, moves: [{ ...move, state: 'applied' }] }), true);
  });
});
