import assert from 'node:assert/strict';

import { nearestName } from '../../../api/nearest-name.ts';

describe('nearestName', () => {
  const names = ['http.request', 'noop', 'notification.webhook', 'notification.email'];

  it('finds the name that was misspelt', () => {
    for (const wrong of ['htp.request', 'http-request', 'http.requests', 'HTTP.request'.toLowerCase()]) {
      assert.equal(nearestName(wrong, names), 'http.request', wrong);
    }
    assert.equal(nearestName('nop', names), 'noop');
    assert.equal(nearestName('notification.mail', names), 'notification.email');
  });

  it('does not guess when nothing is near', () => {
    assert.equal(nearestName('something.else.entirely', names), undefined);
    assert.equal(nearestName('noop', []), undefined);
  });
});
