import fs from 'node:fs';
import { delimiter, join } from 'node:path';

import { run, SetupError, step } from './terminal.mjs';

/** What the tests need besides Node and the npm packages, by its name in Debian and Ubuntu. */
const PROGRAMS = {
  'rabbitmq-server': ['rabbitmq-server'],
  chromium: ['chromium', 'chromium-browser', 'google-chrome', 'Google Chrome'],
};
/** Not on the path of every user. */
const FURTHER_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/lib/rabbitmq/bin',
  '/opt/homebrew/sbin',
  '/snap/bin',
  '/Applications/Google Chrome.app/Contents/MacOS',
];

/**
 * Installs those of the named programs that are missing, with the system's package manager when we may use it, and says which.
 * @param {(keyof typeof PROGRAMS)[]} names
 * @throws SetupError that names the command to run when we may not.
 */
export async function provideSystemPackages(names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const list = missing.join(' ');
  const command = `apt-get update && apt-get install -y --no-install-recommends ${list}`;
  if (!fs.existsSync('/usr/bin/apt-get')) {
    throw new SetupError(
      `The tests need ${missing.join(' and ')}: install ${missing.length > 1 ? 'them' : 'it'} with the package manager of this system and run the command again.`,
    );
  }
  if (process.getuid() !== 0)
    throw new SetupError(
      `The tests need ${missing.join(' and ')}. Run \`sudo sh -c '${command}'\` once, then the tests again.`,
    );

  await step(`Installing ${missing.join(' and ')} with apt-get`, () => withoutStartingServices(() => install(missing)));
}

function isInstalled(name) {
  if (name === 'chromium' && process.env.CHROMIUM_PATH) return true;
  const folders = [...(process.env.PATH || '').split(delimiter), ...FURTHER_FOLDERS];
  return PROGRAMS[name].some((program) => folders.some((folder) => fs.existsSync(join(folder, program))));
}

async function install(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const patient = ['-q', '-o', 'DPkg::Lock::Timeout=180', '-o', 'Acquire::Retries=3'];
  for (const args of [
    ['update', ...patient],
    ['install', '-y', '--no-install-recommends', ...patient, ...names],
  ]) {
    const { code, output } = await run('apt-get', args, { env });
    if (code !== 0) throw new SetupError(`${output.trim()}\n\n\`apt-get ${args[0]}\` failed; the reason is above.`);
  }
}

/** The tests start servers of their own; that of the package would only take the usual ports. */
async function withoutStartingServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (fs.existsSync(policy)) return work();
  fs.writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    fs.rmSync(policy, { force: true });
  }
}
