import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checkout or installation: two levels above the compiled file. */
const ROOT = new URL('../../', import.meta.url);

export const VERSION = (JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { version: string }).version;
/** The folder of the built web application; null when it was not built. */
export const WEB_ROOT = existsSync(new URL('build/web/index.html', ROOT))
  ? fileURLToPath(new URL('build/web', ROOT))
  : null;
