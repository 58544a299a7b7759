import assert from 'node:assert/strict';

import { punctualByUs, startByUs } from '../../../core/live-fleet.ts';

const SECOND_US = 1_000_000;

describe('when a row is to start', () => {
  it('is within nine seconds, or sooner where it is to have a reserve', () => {
    assert.equal(punctualByUs(SECOND_US), 10 * SECOND_US);
    assert.equal(startByUs(SECOND_US, 0), 10 * SECOND_US);
    assert.equal(startByUs(SECOND_US, 0, 5 * SECOND_US), 6 * SECOND_US);
  });

  it('has no reserve where new slots come too late for it, but not for a punctual start', () => {
    assert.equal(startByUs(SECOND_US, 7 * SECOND_US, 5 * SECOND_US), 10 * SECOND_US);
  });

  it('is a while after new slots are there, where those come too late for a punctual start', () => {
    assert.equal(startByUs(SECOND_US, 11 * SECOND_US, 5 * SECOND_US), 41 * SECOND_US);
  });
});
