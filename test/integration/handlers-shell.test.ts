import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type AttemptResult, runAttempt } from '../../processor/attempt.ts';
import { EndSwitch } from '../../processor/end-switch.ts';
import { createShellCommand } from '../../processor/handlers/shell-command.ts';
import type { TaskType } from '../../processor/task-type.ts';
import { attempt, inputOf } from '../support/attempts.ts';
import { eventually } from '../support/eventually.ts';

describe('shell.command', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-shell-test-'));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** A task type with one command, `script`, that runs this text with sh. */
  async function script(text: string): Promise<TaskType> {
    const file = join(folder, `script-${Math.random().toString(36).slice(2)}.sh`);
    await writeFile(file, `#!/bin/sh\n${text}\n`);
    await chmod(file, 0o755);
    return createShellCommand(new Map([['script', file]]));
  }
  const run = async (text: string, args: readonly string[] = []): Promise<AttemptResult> =>
    attempt(await script(text), { command: 'script', args });

  it('is off when the operator lists no command', async () => {
    const type = createShellCommand(new Map());
    assert.equal(type.enabled, false);
    const result = await attempt(type, { command: 'sh', args: ['-c', 'id'] });
    assert.deepEqual([result.outcome, result.retryable], ['failed', false]);
  });

  it('runs only what is listed, by its name', async () => {
    const type = await script('echo ran');
    for (const command of ['sh', '/bin/sh', '../script', 'SCRIPT', '__proto__', '']) {
      const result = await attempt(type, { command, args: [] });
      assert.deepEqual([result.outcome, result.retryable], ['failed', false], command);
    }
  });

  it('logs what the program writes, by line', async () => {
    const result = await run('echo one; echo two >&2; printf three');
    assert.deepEqual(result.result, { exitCode: 0, outputBytes: 14 });
    assert.deepEqual(result.logs.map(({ level, message }) => `${level} ${message}`).sort(), [
      'info one',
      'info three',
      'warn two',
    ]);
  });

  it('passes arguments as they are', async () => {
    const args = ['; id', '$(id)', '`id`', '--config=/etc/passwd', '-x', 'two\nlines', '*', '', "it's", '"'];
    const result = await run('printf "%s|" "$@"', args);
    assert.equal(result.logs.map(({ message }) => message).join('\n'), `${args.join('|')}|`);
  });

  it('refuses arguments that no program can be given, or too many', async () => {
    for (const args of [['a\0b'], Array.from({ length: 10_000 }, () => 'x'), ['x'.repeat(2 ** 21)], ['a', 1]]) {
      const result = await run('echo ran', args as string[]);
      assert.deepEqual([result.outcome, result.retryable, result.logs.length], ['failed', false, 0]);
    }
  });

  it("gives it an environment of its own, without the processor's secrets", async () => {
    process.env.ALMANAC_TEST_SECRET = 'hush';
    const result = await run('env');
    delete process.env.ALMANAC_TEST_SECRET;
    const names = result.logs
      .map(({ message }) => message.split('=')[0])
      .filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name ?? ''));
    assert.deepEqual(names.sort(), [
      ...['ALMANAC_ATTEMPT', 'ALMANAC_OCCURRENCE_ID', 'ALMANAC_SCHEDULED_TIME', 'ALMANAC_TASK_ID'],
      ...['HOME', 'LANG', 'PATH', 'TMPDIR', 'TZ'],
    ]);
  });

  it('gives it an empty folder that is removed afterwards', async () => {
    const result = await run('ls -A; pwd; mkdir -p a/b; echo x > a/b/c');
    assert.equal(result.logs.length, 1);
    const directory = result.logs[0]?.message ?? '';
    assert.match(directory, /almanac-run-/);
    await assert.rejects(readdir(directory), { code: 'ENOENT' });
  });

  it('fails with the exit code and the last words', async () => {
    const result = await run('echo fine; echo "no sample" >&2; exit 3');
    assert.deepEqual(
      [result.outcome, result.error],
      ['failed', 'The program ended with exit code 3. It said: no sample'],
    );
    assert.match((await run('kill -9 $$')).error ?? '', /ended by SIGKILL/);
  });

  it('fails for good when the program can not be started', async () => {
    const missing = createShellCommand(new Map([['script', join(folder, 'missing')]]));
    const result = await attempt(missing, { command: 'script' });
    assert.deepEqual([result.outcome, result.retryable], ['failed', false]);
    assert.match(result.error ?? '', /could not be started: .*ENOENT/);
  });

  it('keeps the start and the end of much output, and says how much is missing', async () => {
    const result = await run('echo first; seq 1 400000; echo last');
    const messages = result.logs.map(({ message }) => message);
    assert.equal(result.outcome, 'succeeded', result.error ?? '');
    assert.deepEqual([messages[0], messages.at(-1)], ['first', 'last']);
    assert.ok(result.logs.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0) <= 65_536 + 200);
    assert.ok(messages.some((message) => /Output left out here|Lines dropped here/.test(message)));
  });

  it('survives output that is one endless line', async () => {
    const result = await run("head -c 20000000 /dev/zero | tr '\\0' x");
    assert.equal(result.outcome, 'succeeded', result.error ?? '');
    assert.ok(result.logs.every(({ message }) => Buffer.byteLength(message) <= 4_096));
  });

  /** Starts a script that writes so many process ids to `pids`, aborts it when they are there, and waits for its end. */
  async function abortOnce(text: string, pids: string, count: number): Promise<AttemptResult> {
    const stop = new AbortController();
    const pending = runAttempt(await script(text), inputOf({ command: 'script' }), {
      timeoutMs: 60_000,
      signal: stop.signal,
    });
    await eventually(async () => (await readFile(pids, 'utf8')).split('\n').length > count);
    stop.abort();
    return pending;
  }

  it('ends the program and all its children when it is aborted', async () => {
    const pids = join(folder, 'pids');
    const result = await abortOnce(`sleep 600 & echo $! > ${pids}; echo $$ >> ${pids}; wait`, pids, 2);
    assert.equal(result.outcome, 'interrupted');
    await allGone(await readFile(pids, 'utf8'));
  });

  it('ends the program by force at once when its attempt is to be terminated', async () => {
    const pids = join(folder, 'terminated');
    const noted = join(folder, 'noted');
    const text = `trap 'echo told > ${noted}' TERM; echo $$ > ${pids}; while :; do sleep 600 & echo $! >> ${pids}; wait; done`;
    const endSwitch = new EndSwitch();
    const pending = runAttempt(await script(text), inputOf({ command: 'script' }), {
      timeoutMs: 60_000,
      signal: new AbortController().signal,
      endSwitch,
    });
    await eventually(async () => (await readFile(pids, 'utf8')).split('\n').length > 2);
    endSwitch.end({ how: 'terminate', reason: 'make room' });
    assert.equal((await pending).outcome, 'cancelled');
    await allGone(await readFile(pids, 'utf8'));
    await assert.rejects(readFile(noted), /ENOENT/);
  });

  it('ends by force what does not listen', async () => {
    const pids = join(folder, 'stubborn');
    const text = `trap '' TERM; echo $$ > ${pids}; while :; do sleep 600 & echo $! >> ${pids}; wait; done`;
    const result = await abortOnce(text, pids, 2);
    assert.equal(result.outcome, 'interrupted');
    assert.doesNotMatch(result.error ?? '', /left behind/);
    await allGone(await readFile(pids, 'utf8'));
  });

  it('ends what a program leaves running in the background, and does not wait for it', async () => {
    const pids = join(folder, 'background');
    const result = await run(`sleep 600 & echo $! > ${pids}; echo done`);
    assert.equal(result.outcome, 'succeeded', result.error ?? '');
    await allGone(await readFile(pids, 'utf8'));
  });

  it('does not wait for one that left its group and holds the output', async () => {
    const pids = join(folder, 'escaped');
    const result = await run(
      `setsid sh -c 'echo $$ > ${pids}; exec sleep 600' & while [ ! -s ${pids} ]; do sleep 0.05; done`,
    );
    const pid = Number(await readFile(pids, 'utf8'));
    process.kill(pid, 'SIGKILL'); // out of our reach: the processor's own fence is its container
    assert.equal(result.outcome, 'succeeded', result.error ?? '');
  });
});

async function allGone(pids: string): Promise<void> {
  for (const pid of pids.trim().split('\n').map(Number)) await eventually(async () => !(await isAlive(pid)));
}

/** A zombie is dead: only its parent has not looked yet. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !stat.includes(') Z ');
}
