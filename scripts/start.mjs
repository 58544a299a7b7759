import { reportProblems, ROOT, setUp } from './setup.mjs';
import { runInTerminal } from './terminal.mjs';

// npm start: everything from a fresh checkout to the running system. Arguments go to `almanac start`.
await reportProblems(async () => {
  await setUp();
  const program = ['--enable-source-maps', 'build/bin/almanac.js', 'start', ...process.argv.slice(2)];
  process.exitCode = await runInTerminal(process.execPath, program, { cwd: ROOT });
});
