import assert from 'node:assert/strict';

import fc from 'fast-check';

import { RunLog } from '../../../processor/run-log.ts';

const limits = { maxLines: 6, maxLineBytes: 20 };

describe('RunLog', () => {
  it('keeps what it has room for', () => {
    assert.deepEqual(messages(logOf(6)), ['1', '2', '3', '4', '5', '6']);
  });

  it('keeps the first and the last lines, and says how many are missing', () => {
    const lines = logOf(100).close();
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      [1, 2, 3, 4, 99, 100],
    );
  });

  it('says how many lines it dropped', () => {
    const log = new RunLog({ maxLines: 6, maxLineBytes: 200 });
    for (let n = 1; n <= 100; n += 1) log.info(String(n));
    assert.deepEqual(messages(log), [
      '1',
      '2',
      '3',
      'Lines dropped here: 95. A run keeps 6 lines, its first and its last.',
      '99',
      '100',
    ]);
  });

  it('makes several lines of a text with line breaks, and removes terminal colours', () => {
    const log = new RunLog(limits);
    log.warn('one\r\ntwo\u001B[31m red\u001B[0m\nthree');
    assert.deepEqual(messages(log), ['one', 'two red', 'three']);
  });

  it('makes NUL and other control characters visible, and keeps tabs', () => {
    const log = new RunLog(limits);
    log.info('a\0b\tc\u0085d\uD800e');
    assert.deepEqual(messages(log), ['a\uFFFDb\tc\uFFFDd\uFFFDe']);
  });

  it('cuts a long line between characters', () => {
    const log = new RunLog(limits);
    log.info('€'.repeat(50));
    assert.deepEqual(messages(log), ['€€€€€…']);
  });

  it('takes nothing after it was closed', () => {
    const log = logOf(1);
    log.close();
    log.info('late');
    assert.deepEqual(messages(log), ['1']);
  });

  it('writes anything that a handler in JavaScript passes', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (thing) => {
        const log = new RunLog(limits);
        log.info(thing as string);
        const lines = log.close();
        assert.ok(lines.length >= 1);
        assert.ok(lines.every(({ message }) => Buffer.byteLength(message) <= 20 && !message.includes('\n')));
      }),
    );
  });
});

function logOf(count: number): RunLog {
  const log = new RunLog(limits);
  for (let n = 1; n <= count; n += 1) log.info(String(n));
  return log;
}

function messages(log: RunLog): readonly string[] {
  return log.close().map(({ message }) => message);
}
