import assert from 'node:assert/strict';

import { CommandError } from '../../../bin/command-error.ts';
import { readInstant, shieldRelativeInstants } from '../../../bin/read-instant.ts';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');

describe('readInstant', () => {
  for (const [text, instant] of [
    ['now', '2026-11-21T12:00:00.000Z'],
    ['-2h', '2026-11-21T10:00:00.000Z'],
    ['now-2h', '2026-11-21T10:00:00.000Z'],
    ['+90m', '2026-11-21T13:30:00.000Z'],
    ['now+1d', '2026-11-22T12:00:00.000Z'],
    ['-30s', '2026-11-21T11:59:30.000Z'],
    ['2026-11-21T09:00:00+01:00', '2026-11-21T08:00:00.000Z'],
  ] as const) {
    it(`reads ${text}`, () => assert.equal(readInstant(text, NOW_MS), instant));
  }

  for (const text of ['', '2h', '-2w', 'yesterday', '2026-11-21', '2026-11-21T09:00:00', '1795251600000', '--2h']) {
    it(`refuses "${text}"`, () => assert.throws(() => readInstant(text, NOW_MS), CommandError));
  }
});

describe('shieldRelativeInstants', () => {
  it('keeps an instant before now from being taken for options, and touches nothing else', () => {
    assert.deepEqual(shieldRelativeInstants(['why', 'x', '-2h', '--from', '-30m', '-f', '-', '--from=-1d', '+2h']), [
      'why',
      'x',
      'now-2h',
      '--from',
      'now-30m',
      '-f',
      '-',
      '--from=-1d',
      '+2h',
    ]);
  });
});
