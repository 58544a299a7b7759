import assert from 'node:assert/strict';

import { TaskListQuery } from '../../../api/contract/task.ts';
import { changeListUrl, readListUrl } from '../../../web/src/components/listUrl.ts';

describe('the address of a list', () => {
  it('gives the query that the API would read from it', () => {
    const search = new URLSearchParams('q=plate&status=paused&sort=-nextRun&page=3&limit=25');
    assert.deepEqual(readListUrl(TaskListQuery, search), {
      query: { q: 'plate', status: 'paused', sort: '-nextRun', page: 3, limit: 25 },
      dropped: [],
    });
  });

  it('leaves out what the API would refuse, and says so', () => {
    const search = new URLSearchParams('status=sleeping&page=-1&colour=red&taskType=http.request');
    assert.deepEqual(readListUrl(TaskListQuery, search), {
      query: { taskType: 'http.request' },
      dropped: ['status', 'page', 'colour'],
    });
  });

  it('does not take the zone of the whole page for a filter', () => {
    assert.deepEqual(readListUrl(TaskListQuery, new URLSearchParams('tz=utc')), { query: {}, dropped: [] });
  });

  it('goes back to the first page when the filter changes, and only then', () => {
    const search = new URLSearchParams('status=active&page=3&cursor=abc');
    assert.equal(changeListUrl(search, { status: 'paused' }).toString(), 'status=paused');
    assert.equal(changeListUrl(search, { page: 4, cursor: 'abc' }).toString(), 'status=active&page=4&cursor=abc');
  });

  it('drops a filter that is emptied and leaves the old address as it was', () => {
    const search = new URLSearchParams('status=active&q=plate');
    assert.equal(changeListUrl(search, { q: undefined, status: '' }).toString(), '');
    assert.equal(search.toString(), 'status=active&q=plate');
  });
});
