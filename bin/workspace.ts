import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { codeOf, explainFileFailure, ignoreMissing } from './file-failure.ts';
import { isRunning, lifeOf } from './running-process.ts';
import { StartError } from './start-error.ts';

/** The folder in which `almanac start` keeps what it needs: the embedded database, its log, the lock of the running instance. */
export interface Workspace extends AsyncDisposable {
  /** Absolute. */
  readonly dir: string;
  /** Absolute path of an entry of the folder. */
  path(name: string): string;
  /** Tells a second `start` in this folder where this one answers. */
  announce(url: string): Promise<void>;
}

/**
 * Makes the folder and takes its lock; disposing gives the lock back. A lock whose process is gone is taken over.
 * @throws StartError when the folder can not be written, or another Almanac runs in it.
 */
export async function openWorkspace(folder: string): Promise<Workspace> {
  const dir = resolve(folder);
  const lockFile = join(dir, 'instance.json');
  const life = await lifeOf(process.pid);
  const instance: Instance = { pid: process.pid, life };
  try {
    // Others may pass through, not look in: the database server of a start by root runs as another user.
    await mkdir(dir, { recursive: true, mode: 0o711 });
    await takeLock(lockFile, instance);
  } catch (error) {
    throw await explainFileFailure(error, dir);
  }
  return {
    dir,
    path: (name) => join(dir, name),
    announce: (url) => replaceFile(lockFile, { ...instance, url }),
    [Symbol.asyncDispose]: () => rm(lockFile, { force: true }),
  };
}

const Instance = z.object({
  pid: z.number().int().positive(),
  life: z.string().optional(),
  url: z.string().optional(),
});
type Instance = z.infer<typeof Instance>;

async function takeLock(lockFile: string, instance: Instance): Promise<void> {
  for (;;) {
    try {
      await writeFile(lockFile, JSON.stringify(instance), { flag: 'wx', mode: 0o644 });
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = await readLock(lockFile);
    if (holder !== undefined && (await holds(holder))) {
      const where = holder.url === undefined ? '' : `, ${holder.url}`;
      throw new StartError(
        `Almanac already runs here (pid ${holder.pid}${where}). Use that one, or stop it with \`kill ${holder.pid}\` and start again.`,
      );
    }
    await removeStale(lockFile, holder);
  }
}

/** Of several that found the same stale lock one wins; the lock that the winner made meanwhile goes back to its place. */
async function removeStale(lockFile: string, judged: Instance | undefined): Promise<void> {
  const aside = `${lockFile}.${randomUUID()}`;
  await rename(lockFile, aside).catch(ignoreMissing);
  const removed = await readLock(aside);
  if (removed !== undefined && removed.pid !== judged?.pid) await link(aside, lockFile).catch(() => undefined); // or a third has one
  await rm(aside, { force: true });
}

/** `undefined` when the file is gone or holds no lock, as after a full disk. */
async function readLock(lockFile: string): Promise<Instance | undefined> {
  for (let tries = 0; tries < 5; tries++) {
    const text = await readFile(lockFile, 'utf8').catch(ignoreMissing);
    if (text === undefined) return undefined;
    try {
      return Instance.parse(JSON.parse(text));
    } catch {
      await sleep(100); // its owner may be between creating and writing it
    }
  }
  return undefined;
}

async function holds(holder: Instance): Promise<boolean> {
  if (!isRunning(holder.pid)) return false;
  const life = await lifeOf(holder.pid);
  if (holder.life === undefined || life === undefined) return holder.pid !== process.pid;
  return holder.life === life;
}

async function replaceFile(file: string, content: Instance): Promise<void> {
  const next = `${file}.${randomUUID()}`;
  await writeFile(next, JSON.stringify(content), { mode: 0o644 });
  await rename(next, file);
}
