import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { lifeOf } from '../../bin/running-process.ts';
import { StartError } from '../../bin/start-error.ts';
import { openWorkspace } from '../../bin/workspace.ts';

describe('a workspace', () => {
  let parent: string;
  let dir: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'almanac-workspace-'));
    dir = join(parent, '.almanac');
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  it('refuses a second start, and names the process and the address of the first', async () => {
    await using first = await openWorkspace(dir);
    await assert.rejects(openWorkspace(dir), new RegExp(`already runs here \\(pid ${process.pid}\\)`));
    await first.announce('http://127.0.0.1:3000');
    await assert.rejects(openWorkspace(dir), (error: unknown) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, /already runs here \(pid \d+, http:\/\/127\.0\.0\.1:3000\)/);
      return true;
    });
  });

  it('is free again once it is disposed', async () => {
    const first = await openWorkspace(dir);
    await first[Symbol.asyncDispose]();
    await using second = await openWorkspace(dir);
    assert.equal(second.path('postgres'), join(dir, 'postgres'));
  });

  it('takes over the lock of a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await using first = await openWorkspace(dir);
    await writeFile(first.path('instance.json'), JSON.stringify({ pid: child.pid, url: 'http://127.0.0.1:1' }));
    await using _second = await openWorkspace(dir);
    await assert.rejects(openWorkspace(dir), /already runs here/);
  });

  it('takes over the lock of a process whose id another one has by now', async function () {
    if ((await lifeOf(process.pid)) === undefined) this.skip();
    await using first = await openWorkspace(dir);
    await writeFile(first.path('instance.json'), JSON.stringify({ pid: process.pid, life: 'an earlier one' }));
    await using _second = await openWorkspace(dir);
    await assert.rejects(openWorkspace(dir), /already runs here/);
  });

  it('takes over a lock that a full disk left empty', async () => {
    await using first = await openWorkspace(dir);
    await writeFile(first.path('instance.json'), '');
    await using _second = await openWorkspace(dir);
    await assert.rejects(openWorkspace(dir), /already runs here/);
  });

  it('goes to exactly one of several that start at once over a stale lock, and leaves nothing else behind', async () => {
    await using first = await openWorkspace(dir);
    await writeFile(first.path('instance.json'), JSON.stringify({ pid: 2 ** 30 }));
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => openWorkspace(dir)));
    assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
    assert.deepEqual(await readdir(dir), ['instance.json']);
  });

  it('lets others pass through its folder, and not look into it', async () => {
    await using _workspace = await openWorkspace(dir);
    assert.equal((await stat(dir)).mode & 0o777, 0o711);
  });

  it('says so when a file is in the way', async () => {
    await writeFile(dir, '');
    await assert.rejects(openWorkspace(dir), /must be a folder, but a file is in the way/);
  });
});
