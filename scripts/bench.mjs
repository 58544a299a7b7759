import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { reportProblems, ROOT, setUp } from './setup.mjs';
import { runInTerminal, SetupError } from './terminal.mjs';

// npm run bench:<name>: a benchmark of bench/, which starts its own servers. Arguments go to it.
await reportProblems(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  await setUp();
  const program = `build/bench/${name}.js`;
  if (!existsSync(join(ROOT, program))) throw new SetupError(`There is no benchmark "${name}" in bench/.`);
  process.exitCode = await runInTerminal(process.execPath, ['--enable-source-maps', program, ...args], { cwd: ROOT });
});
