import assert from 'node:assert/strict';

import fc from 'fast-check';
import { z } from 'zod';

import { CursorBigint, decodeCursor, encodeCursor } from '../../../api/cursor.ts';
import { HttpProblem } from '../../../api/problem.ts';

describe('a cursor', () => {
  const shape = z.tuple([z.string(), CursorBigint]);

  it('comes back as it was written, and is safe in an address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.bigInt({ min: 1n, max: 9223372036854775807n }), (value, id) => {
        const cursor = encodeCursor('list', [value, String(id)]);
        assert.match(cursor, /^[\w-]+$/);
        assert.deepEqual(decodeCursor(cursor, 'list', shape), [value, String(id)]);
      }),
    );
  });

  it('is refused in another list, in another shape, and when anything else stands in its place', () => {
    const isRefused = (cursor: string): void =>
      assert.throws(
        () => decodeCursor(cursor, 'list', shape),
        (error) => error instanceof HttpProblem && error.status === 400,
      );
    isRefused(encodeCursor('other', ['a', '1']));
    isRefused(encodeCursor('list', ['a']));
    isRefused(encodeCursor('list', ['a', '9223372036854775808']));
    isRefused(encodeCursor('list', ['a', '1e3']));
    fc.assert(fc.property(fc.string(), isRefused));
  });

  it('is none when it is left out', () => {
    assert.equal(decodeCursor(undefined, 'list', shape), null);
  });
});
