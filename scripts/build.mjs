import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { run, SetupError, step } from './terminal.mjs';

/**
 * Compiles the server and bundles the web page, each only when what it is made of has changed since.
 * @throws SetupError with what the compiler says.
 */
export async function buildIfStale(root) {
  const stampFile = join(root, 'build/.stamp');
  const stamp = readStamp(stampFile);
  const parts = PARTS.map((part) => ({ ...part, hash: hashFiles(root, part.sources(root)) })).filter(
    (part) =>
      existsSync(join(root, part.needs)) && (stamp[part.name] !== part.hash || !existsSync(join(root, part.output))),
  );
  if (parts.length === 0) return;

  await step('Building', async () => {
    mkdirSync(join(root, 'build'), { recursive: true });
    const results = await Promise.all(parts.map((part) => part.build(root)));
    parts.forEach((part, index) => {
      if (results[index].code === 0) stamp[part.name] = part.hash;
    });
    writeFileSync(stampFile, JSON.stringify(stamp));
    const failures = results.filter(({ code }) => code !== 0).map(({ output }) => output);
    if (/ENOSPC|no space left/i.test(failures.join())) {
      throw new SetupError(`The disk that holds ${root} is full. Free some space and run the command again.`);
    }
    if (failures.length > 0)
      throw new SetupError(`${failures.join('\n').trim()}\n\nThe build failed; the reason is above.`);
  });
}

const PARTS = [
  {
    name: 'server',
    needs: 'tsconfig.json',
    output: 'build/bin/almanac.js',
    // Unit tests import pure files of the web page; the compiler follows those imports, and writes them to build/web/src.
    sources: (root) => [...serverSources(root), ...filesBelow(root, 'web/src')],
    build: buildServer,
  },
  { name: 'web', needs: 'web/vite.config.ts', output: 'build/web/index.html', sources: webSources, build: buildWeb },
];

function serverSources(root) {
  const folders = serverFolders(root);
  return ['tsconfig.json', 'package-lock.json', ...folders.flatMap((folder) => filesBelow(root, folder))].filter(
    (file) => /\.(ts|json)$/.test(file),
  );
}

function webSources(root) {
  return ['package-lock.json', ...['web', 'api/contract', 'core'].flatMap((folder) => filesBelow(root, folder))];
}

function serverFolders(root) {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  return include.map((pattern) => pattern.split('/')[0]);
}

async function buildServer(root) {
  const outputs = serverSources(root)
    .filter((file) => /(?<!\.d)\.ts$/.test(file))
    .map((file) => join('build', file.replace(/\.ts$/, '.js')));
  // The compiler believes its own record of what it wrote, so the record must not outlive the files.
  const expected = [...outputs, 'build/web/src'];
  if (!expected.every((file) => existsSync(join(root, file))))
    rmSync(join(root, 'build/.tsbuildinfo'), { force: true });
  const result = await run(process.execPath, ['node_modules/typescript/bin/tsc', '--pretty', 'false'], { cwd: root });
  removeOrphans(root, new Set(outputs));
  return result;
}

/** A test whose source is gone must not run on. */
function removeOrphans(root, outputs) {
  for (const folder of serverFolders(root)) {
    for (const file of filesBelow(root, join('build', folder))) {
      if (/\.js(\.map)?$/.test(file) && !outputs.has(file.replace(/\.map$/, ''))) rmSync(join(root, file));
    }
  }
}

function buildWeb(root) {
  const args = ['node_modules/vite/bin/vite.js', 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'];
  return run(process.execPath, args, { cwd: root });
}

/** Paths relative to the root, sorted; a folder that is not there has none. */
function filesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function hashFiles(root, files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {}; // nothing was built yet
  }
}
