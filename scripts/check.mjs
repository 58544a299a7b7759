import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { reportProblems, ROOT, setUp } from './setup.mjs';
import { run, seconds } from './terminal.mjs';

const AT_ONCE = 2;
const LAYERED = 'core runtime db broker scheduler distributor processor autoscaler api bin web'.split(' ');

/** In the order in which they are shown. One with `needs` is left out while that file is not there. */
const CHECKS = [
  { name: 'format (prettier)', run: () => tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.') },
  { name: 'lint (eslint)', run: () => tool('eslint/bin/eslint.js', '--max-warnings', '0', '.') },
  {
    name: 'types of the web page (tsc)',
    needs: 'web/tsconfig.json',
    run: () => tool('typescript/bin/tsc', '-p', 'web/tsconfig.json', '--noEmit', '--pretty', 'false'),
  },
  { name: 'layers (dependency-cruiser)', run: () => cruise(ROOT, LAYERED) },
  { name: 'the layer rule bites', run: plantLayerViolation },
  { name: 'unused code (knip)', run: () => tool('knip/bin/knip.js', '--no-progress') },
  { name: 'database schema is up to date', needs: 'build/scripts/dump-schema.js', run: () => built('dump-schema') },
  { name: 'generated docs are up to date', needs: 'build/scripts/generate-docs.js', run: () => built('generate-docs') },
];

/**
 * Runs every static check, two at a time, and prints each with its time and what it found, in their order.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks() {
  const checks = CHECKS.filter(({ needs }) => needs === undefined || fs.existsSync(join(ROOT, needs)));
  const results = [];
  let started = 0;
  let printed = 0;
  const work = async () => {
    while (started < checks.length) {
      const index = started++;
      const startedAt = Date.now();
      const result = await checks[index].run();
      results[index] = { ...result, took: seconds(startedAt) };
      for (; results[printed] !== undefined; printed++) print(checks[printed].name, results[printed]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const failed = results.filter(({ code }) => code !== 0).length;
  return { passed: results.length - failed, failed };
}

function print(name, { code, output, took }) {
  console.log(`${code === 0 ? '✓' : '✗'} ${name}  ${took}`);
  if (code !== 0) console.log(output.trim().replace(/^/gm, '    '));
}

function tool(path, ...args) {
  return run(process.execPath, [join(ROOT, 'node_modules', path), ...args], { cwd: ROOT });
}

function built(script) {
  return run(process.execPath, ['--enable-source-maps', `build/scripts/${script}.js`, '--check'], { cwd: ROOT });
}

function cruise(cwd, folders) {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  return run(process.execPath, [program, '--config', '.dependency-cruiser.cjs', ...folders], { cwd });
}

/** A rule that matches nothing passes everything, so we break it on purpose, in a copy. */
async function plantLayerViolation() {
  const copy = fs.mkdtempSync(join(tmpdir(), 'almanac-layers-'));
  try {
    for (const entry of ['core', 'db', '.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
      fs.cpSync(join(ROOT, entry), join(copy, entry), { recursive: true });
    }
    fs.symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    const victim = fs.readdirSync(join(copy, 'db')).find((file) => file.endsWith('.ts'));
    fs.writeFileSync(join(copy, 'core/planted.ts'), `export * from '../db/${victim}';\n`);
    const { code, output } = await cruise(copy, ['core']);
    const found = code !== 0 && output.includes('not-up-from-core: core/planted.ts');
    return found ? { code: 0, output } : { code: 1, output: `An import from core to db was not reported:\n${output}` };
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
}

if (process.argv[1] === join(ROOT, 'scripts/check.mjs')) {
  await reportProblems(async () => {
    await setUp();
    const { passed, failed } = await runChecks();
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  });
}
