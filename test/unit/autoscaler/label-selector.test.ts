import assert from 'node:assert/strict';

import fc from 'fast-check';

import { parseLabelSelector } from '../../../autoscaler/label-selector.ts';

describe('parseLabelSelector', () => {
  const labels = { pool: 'default', 'example.org/zone': 'a' };
  const cases: readonly (readonly [string, boolean])[] = [
    ['', true],
    ['pool=default', true],
    ['pool==default', true],
    ['pool=other', false],
    ['pool!=other', true],
    ['pool!=default', false],
    ['team!=x', true],
    ['pool', true],
    ['team', false],
    ['!team', true],
    ['!pool', false],
    ['pool in (a, default)', true],
    ['pool in (a,b)', false],
    ['pool notin (a,b)', true],
    ['pool notin (default)', false],
    ['team notin (x)', true],
    ['team in ()', false],
    [' pool = default , example.org/zone in (a,b),!team ', true],
    ['pool=default,example.org/zone=b', false],
    ['team=', false],
    ['toString', false],
  ];
  for (const [text, expected] of cases) {
    it(`${expected ? 'selects' : 'leaves out'} with "${text}"`, () => {
      assert.equal(parseLabelSelector(text)?.(labels), expected);
    });
  }

  for (const text of ['=', 'pool=a b', 'pool in a', 'pool in (a', '!pool=a', 'pool>3', ',', 'pool=a,', 'pool in (a))'])
    it(`does not understand "${text}"`, () => {
      assert.equal(parseLabelSelector(text), undefined);
    });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseLabelSelector(text)?.(labels);
      }),
    );
  });
});
