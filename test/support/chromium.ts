import { existsSync } from 'node:fs';

import { type Browser, chromium } from 'playwright-core';

/** `CHROMIUM_PATH` first, then where the systems put it. */
const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A headless Chromium that talks to nobody but the pages under test; close it, or dispose it, after use. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [
      '--no-sandbox', // the sandbox needs rights that root in a container does not have
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function findChromium(): string {
  const override = process.env.CHROMIUM_PATH;
  if (override !== undefined && override !== '') return override;
  const found = CANDIDATES.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error('No Chromium found: install the package `chromium`, or set CHROMIUM_PATH to the program.');
  }
  return found;
}
