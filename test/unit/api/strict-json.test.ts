import assert from 'node:assert/strict';

import fc from 'fast-check';

import { HttpProblem } from '../../../api/problem.ts';
import { MAX_JSON_DEPTH, parseStrictJson } from '../../../api/strict-json.ts';

describe('parseStrictJson', () => {
  const isRefused = (text: string, pattern: RegExp): void => {
    assert.throws(
      () => parseStrictJson(text),
      (error) => error instanceof HttpProblem && error.status === 400 && pattern.test(error.message),
      text,
    );
  };

  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, noUnicodeString: false }), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!text.includes('"__proto__"'));
        assert.deepEqual(parseStrictJson(text), JSON.parse(text));
      }),
    );
  });

  it('refuses every object that has one of its fields twice', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (key, first, second) => {
        const name = JSON.stringify(key);
        const [one, two] = [JSON.stringify(first), JSON.stringify(second)];
        fc.pre(![name, one, two].some((text) => text.includes('__proto__')));
        isRefused(
          `[{${name}:${one},"between":{${name}:1},${name} :${two}}]`.replace('"between"', `"between-${key.length}"`),
          /twice/,
        );
      }),
    );
  });

  it('lets the same field stand in different objects, and text look like structure', () => {
    assert.deepEqual(parseStrictJson('[{"a":1},{"a":{"a":"{\\"a\\":1,\\"a\\":2}"}}]'), [
      { a: 1 },
      { a: { a: '{"a":1,"a":2}' } },
    ]);
    assert.deepEqual(parseStrictJson('{"a":"b","b":"a","c":["a","a"]}'), { a: 'b', b: 'a', c: ['a', 'a'] });
  });

  it('refuses __proto__ as a field and takes it as a value', () => {
    isRefused('{"__proto__":1}', /__proto__/);
    isRefused('{"a":[{"\\u005f\\u005fproto__":1}]}', /__proto__/);
    assert.equal(parseStrictJson('"__proto__"'), '__proto__');
  });

  it('refuses what is nested too deep', () => {
    const nested = (depth: number): string => '[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2);
    parseStrictJson(nested(MAX_JSON_DEPTH));
    isRefused(nested(MAX_JSON_DEPTH + 2), /deeper than 32/);
  });

  it('refuses what is no JSON', () => {
    for (const text of ['', '{', '"', '"\\"\\"\\"', "{'a':1}", '{"a":1,}', 'NaN', '01', '{"a" 1}'])
      isRefused(text, /not JSON/);
  });
});
