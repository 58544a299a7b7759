import fs, { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildIfStale } from './build.mjs';
import { areInstalled, markInstalled } from './installed.mjs';
import { run, SetupError, step } from './terminal.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const INSTALL_NEEDS_MB = 1200;

/**
 * Makes a checkout ready to run: packages installed as the lock file says, everything built. Does only what is missing, one line each.
 * @throws SetupError with a sentence that says what to do.
 */
export async function setUp() {
  checkWritable();
  if (!areInstalled(ROOT)) await step('Installing packages (about a minute, once)', install);
  await buildIfStale(ROOT);
}

/** Runs a script's body; what the person at the terminal can mend is printed as a sentence, and the exit code is 1. */
export async function reportProblems(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

function checkWritable() {
  for (const dir of [ROOT, join(ROOT, 'node_modules'), join(ROOT, 'build')].filter((path) => existsSync(path))) {
    try {
      accessSync(dir, constants.W_OK);
    } catch {
      throw new SetupError(
        `The user ${userInfo().username} may not write in ${dir}. ` +
          `Start as the user who owns it, give it to yours with \`sudo chown -R ${userInfo().username} ${ROOT}\`, or clone Almanac into a folder of yours.`,
      );
    }
  }
  const probe = join(ROOT, `.write-probe-${process.pid}`);
  try {
    writeFileSync(probe, 'Almanac');
  } catch (error) {
    throw error.code === 'ENOSPC' ? diskFull() : error;
  } finally {
    rmSync(probe, { force: true });
  }
}

async function install() {
  const { bavail, bsize } = fs.statfsSync(ROOT);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  if (freeMb < INSTALL_NEEDS_MB)
    throw diskFull(`${freeMb} MB are free, and installing takes about ${INSTALL_NEEDS_MB} MB`);

  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-fund',
    '--no-audit',
    '--loglevel=error',
    '--fetch-retry-mintimeout=2000',
  ];
  const { command, prefix, options } = findNpm();
  const { code, output } = await run(command, [...prefix, ...args], { cwd: ROOT, ...options });
  if (code !== 0) throw explainInstall(output);
  markInstalled(ROOT);
}

/** The npm that started us, else the one on the path. */
function findNpm() {
  const own = process.env.npm_execpath;
  if (own !== undefined && basename(own).startsWith('npm'))
    return { command: process.execPath, prefix: [own], options: {} };
  return { command: 'npm', prefix: [], options: { shell: process.platform === 'win32' } };
}

function explainInstall(output) {
  if (/ENOSPC|no space left/i.test(output)) return diskFull();
  const network = /.*(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|SOCKET_TIMEOUT).*/.exec(
    output,
  );
  if (network !== null) {
    return new SetupError(
      `${indent(output)}\n\nThe npm registry can not be reached. Check the network, the proxy (\`npm config get proxy\`) and the registry ` +
        '(`npm config get registry`), and run the command again.',
    );
  }
  return new SetupError(`${indent(output)}\n\nThe packages could not be installed; npm's words are above.`);
}

function diskFull(detail = '') {
  return new SetupError(
    `The disk that holds ${ROOT} is full${detail && `: ${detail}`}. Free some space and run the command again.`,
  );
}

function indent(text) {
  return text.trim().replace(/^/gm, '  ');
}
