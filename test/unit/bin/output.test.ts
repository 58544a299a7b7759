import assert from 'node:assert/strict';

import { formatFacts, formatInstant, formatTable, printable } from '../../../bin/output.ts';

describe('the output of commands', () => {
  it('makes every column as wide as its widest cell, and ends no line with spaces', () => {
    assert.equal(
      formatTable(
        ['ID', 'NAME', 'WHY'],
        [
          ['1', 'Größe', ''],
          ['1234', '👩‍🔬', 'because'],
        ],
      ),
      'ID    NAME   WHY\n1     Größe\n1234  👩‍🔬      because',
    );
  });

  it('leaves out facts without a value', () => {
    assert.equal(
      formatFacts([
        ['id', 0],
        ['reason', null],
        ['schedule', 'daily'],
        ['labels', ''],
      ]),
      'id        0\nschedule  daily',
    );
  });

  it('shows an instant on the clock of a zone with its offset', () => {
    assert.equal(formatInstant('2026-03-29T01:00:00.000Z', 'Europe/Rome'), '2026-03-29 03:00:00 +02:00');
    assert.equal(formatInstant(null, 'Europe/Rome'), '');
  });

  it('takes out what would drive a terminal', () => {
    assert.equal(printable('a\u001b[31mb\r\n\tc\u0007\u202Ed'), 'a[31mb cd');
  });
});
