import assert from 'node:assert/strict';

import { PictureCache } from '../../../api/picture-cache.ts';

/** Work that ends when the test says so. */
function held() {
  const begun: { finish: (value: string) => void; fail: (error: Error) => void }[] = [];
  const read = (): Promise<string> =>
    new Promise((resolve, reject) => {
      begun.push({ finish: resolve, fail: reject });
    });
  return { begun, read };
}

async function untilBegun(begun: readonly unknown[], count: number): Promise<void> {
  while (begun.length < count) await new Promise((resolve) => setImmediate(resolve));
}

describe('pictures that are kept', () => {
  it('are worked out once for all who ask for the same version', async () => {
    const cache = new PictureCache<string>(60_000);
    const { begun, read } = held();
    const asked = [cache.get('a', '1', read), cache.get('a', '1', read)];
    begun[0]?.finish('first');
    assert.deepEqual(
      (await Promise.all(asked)).map(({ picture }) => picture),
      ['first', 'first'],
    );
    assert.equal((await cache.get('a', '1', read)).picture, 'first');
    assert.equal(begun.length, 1);
  });

  it('of newer versions wait for the one that is under way, and then share the next', async () => {
    const cache = new PictureCache<string>(60_000);
    const { begun, read } = held();
    const first = cache.get('a', '1', read);
    const later = [cache.get('a', '2', read), cache.get('a', '3', read)];
    assert.equal(begun.length, 1);
    begun[0]?.finish('old');
    assert.equal((await first).picture, 'old');
    await untilBegun(begun, 2);
    begun[1]?.finish('new');
    assert.deepEqual(
      (await Promise.all(later)).map(({ picture, version }) => [picture, version]),
      [
        ['new', '3'],
        ['new', '3'],
      ],
    );
    assert.equal(begun.length, 2);
  });

  it('that failed are tried again, also by those who waited behind', async () => {
    const cache = new PictureCache<string>(60_000);
    const { begun, read } = held();
    const first = cache.get('a', '1', read);
    const second = cache.get('a', '2', read);
    begun[0]?.fail(new Error('away'));
    await assert.rejects(first, /away/);
    await untilBegun(begun, 2);
    begun[1]?.finish('there');
    assert.equal((await second).picture, 'there');
  });

  it('grow old, and are forgotten when there are too many', async () => {
    const old = new PictureCache<string>(0);
    const many = new PictureCache<string>(60_000);
    let reads = 0;
    const read = (): Promise<string> => Promise.resolve(String((reads += 1)));
    assert.deepEqual([(await old.get('a', '1', read)).picture, (await old.get('a', '1', read)).picture], ['1', '2']);
    for (let key = 0; key < 21; key += 1) await many.get(String(key), '1', read);
    assert.equal((await many.get('20', '1', read)).picture, '23');
    assert.equal((await many.get('0', '1', read)).picture, '24');
  });
});
