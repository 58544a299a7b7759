import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether node_modules is what package-lock.json says, for this system. An installation that broke off never is. */
export function areInstalled(root) {
  const mark = read(join(root, MARK));
  if (mark === markFor(root)) return true;
  if (mark !== undefined && !mark.endsWith(PLATFORM)) return false;
  if (!matchesLock(root)) return false;
  markInstalled(root); // somebody ran npm by hand
  return true;
}

/** Remembers that node_modules is now what package-lock.json says. */
export function markInstalled(root) {
  writeFileSync(join(root, MARK), markFor(root));
}

const MARK = 'node_modules/.almanac-lock-hash';
const PLATFORM = ` ${process.platform}-${process.arch}`;

function markFor(root) {
  return (
    createHash('sha256')
      .update(readFileSync(join(root, 'package-lock.json')))
      .digest('hex') + PLATFORM
  );
}

/** npm's own record of what it put into node_modules, which it writes last, against the lock file. */
function matchesLock(root) {
  const record = read(join(root, 'node_modules/.package-lock.json'));
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages);
  return wanted.every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return optional === true; // made for another system
    return found.version === version && found.integrity === integrity;
  });
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
