import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runChecks } from './check.mjs';
import { ROOT, setUp } from './setup.mjs';
import { provideSystemPackages } from './system-packages.mjs';
import { run, runInTerminal, seconds, SetupError } from './terminal.mjs';

/** What each folder of test/ needs from the system. */
const SUITES = {
  unit: [],
  integration: ['rabbitmq-server'],
  chaos: ['rabbitmq-server'],
  e2e: ['rabbitmq-server', 'chromium'],
};

const COVERAGE_ENV = { NODE_V8_COVERAGE: join(ROOT, 'coverage/tmp') };

// npm test [-- check | unit | integration | chaos | e2e ...] [-- options of mocha ...]. The last line is the sum.
const { parts, mochaArgs } = parseArguments(process.argv.slice(2));
const sum = { passed: 0, failed: 0, skipped: 0 };
try {
  await setUp();
  await provideSystemPackages([...new Set(parts.flatMap((part) => SUITES[part] || []))]);
  for (const part of parts) {
    console.log(`\n${part}`);
    if (part === 'check') add(await runChecks());
    else await runSuite(part);
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.log(`\n${error.message}`);
  sum.failed++;
}
if (sum.passed + sum.failed === 0) console.log('\nNo test ran.');
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
console.log(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);

function parseArguments(args) {
  const names = ['check', ...Object.keys(SUITES)];
  const first = args.findIndex((arg) => !names.includes(arg));
  const chosen = first === -1 ? args : args.slice(0, first);
  const rest = first === -1 ? [] : args.slice(first);
  const all = rest.length === 0 ? names : Object.keys(SUITES);
  return { parts: chosen.length > 0 ? chosen : all, mochaArgs: rest };
}

async function runSuite(name) {
  if (!filesOf(`build/test/${name}`).some((file) => file.endsWith('.test.js'))) return;
  const coverage = name === 'unit' && mochaArgs.length === 0;
  if (coverage) fs.rmSync(join(ROOT, 'coverage'), { recursive: true, force: true });

  const scratch = fs.mkdtempSync(join(tmpdir(), 'almanac-test-run-'));
  const countsFile = join(scratch, 'counts.json');
  const env = { ...process.env, ALMANAC_TEST_COUNTS: countsFile, ...(coverage ? COVERAGE_ENV : {}) };
  const program = ['node_modules/mocha/bin/mocha.js', '--reporter', './scripts/test-reporter.mjs', ...mochaArgs];
  const code = await runInTerminal(process.execPath, [...program, `build/test/${name}/**/*.test.js`], {
    cwd: ROOT,
    env,
  });
  const counts = readCounts(countsFile);
  fs.rmSync(scratch, { recursive: true, force: true });

  if (counts !== undefined) add(counts);
  if (counts === undefined || (code !== 0 && counts.failed === 0)) {
    console.log(`  ✗ The ${name} tests did not run to their end (exit code ${code}); the reason is above.`);
    add({ passed: 0, failed: 1 });
  }
  if (coverage) await checkCoverage();
}

async function checkCoverage() {
  const startedAt = Date.now();
  // A file that holds nothing but types is imported by nobody at run time, and what was never loaded counts as never reached.
  const load = `for (const file of process.argv.slice(1)) await import(file);`;
  const files = filesOf('build/core').map((file) => `./build/core/${file}`);
  await run(process.execPath, ['--input-type=module', '--eval', load, ...files], { cwd: ROOT, env: COVERAGE_ENV });
  const { code, output } = await run(process.execPath, ['node_modules/c8/bin/c8.js', 'report'], { cwd: ROOT });
  console.log(`  ${code === 0 ? '✓' : '✗'} the tests reach every branch of core  ${seconds(startedAt)}`);
  if (code !== 0) console.log(output.trim().replace(/^/gm, '    '));
  add({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 });
}

function filesOf(folder) {
  const dir = join(ROOT, folder);
  return fs.existsSync(dir) ? fs.readdirSync(dir, { recursive: true }).filter((file) => file.endsWith('.js')) : [];
}

function readCounts(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined; // mocha could not even load the tests
  }
}

function add({ passed, failed, skipped = 0 }) {
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
}
