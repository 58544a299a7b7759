import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { HandlersModuleError, loadTaskTypes, type TaskTypes } from '../../processor/registry.ts';
import { attempt } from '../support/attempts.ts';

const settings = { httpAllow: [], shellCommands: new Map<string, string>() };
const BUILT_IN = ['http.request', 'lab.measurement', 'noop', 'notification.webhook', 'reminder', 'shell.command'];
const taskTypeModule = new URL('../../processor/task-type.js', import.meta.url).href;
const zodModule = import.meta.resolve('zod');
const define = (name: string): string =>
  `defineTaskType({ name: '${name}', payload: z.strictObject({}), timeoutMs: 1000, estimateMs: 1, run: () => '${name}' })`;
const imports = `import { defineTaskType } from '${taskTypeModule}';\nimport { z } from '${zodModule}';\n`;

describe('loadTaskTypes', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-handlers-'));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function file(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  it('has the built-in types, shell.command switched off', async () => {
    await using types = await loadTaskTypes({ settings });
    assert.deepEqual([...types.keys()].sort(), BUILT_IN);
    assert.deepEqual(
      [...types.values()].filter(({ enabled }) => !enabled).map(({ name }) => name),
      ['shell.command'],
    );
  });

  it('has examples that fit their own schemas', async () => {
    await using types = await loadTaskTypes({ settings });
    for (const type of types.values())
      if (type.enabled) assert.doesNotThrow(() => type.parsePayload(type.examplePayload), type.name);
  });

  it('loads and runs the example of a type of your own', async () => {
    await using types = await loadTaskTypes({ settings, handlersModule: 'examples/custom-handler/handlers.mjs' });
    const type = types.get('plate.read') ?? assert.fail('not there');
    const result = await attempt(type, { plateId: 'P7' });
    assert.deepEqual(result.result, { plateId: 'P7', absorbance: [0.12, 0.48, 0.97] });
    assert.equal(result.logs[0]?.message, 'Reading P7 at 450 nm, attempt 1');
    const missing = await attempt(type, { plateId: 'P0' });
    assert.deepEqual([missing.outcome, missing.retryable], ['failed', false]);
  });

  it('takes named exports, lists and the same type twice, from a path or a URL', async () => {
    const path = await file(
      'many.mjs',
      `${imports}export const a = ${define('my.a')};\nexport default a;\nexport const list = [${define('my.b')}];\nexport const help = () => 1;`,
    );
    for (const handlersModule of [path, pathToFileURL(path).href]) {
      await using types = await loadTaskTypes({ settings, handlersModule });
      assert.deepEqual([...types.keys()].sort(), [...BUILT_IN, 'my.a', 'my.b'].sort());
    }
  });

  for (const [what, text, expected] of [
    ['does not parse', 'export default {', /does not load: SyntaxError/],
    ['throws', "throw new Error('no licence');", /does not load: no licence/],
    ['exports nothing', 'const a = 1;', /exports no task type/],
    ['exports something else', 'export default { name: "x" };', /exports no task type/],
    ['defines a type that exists', `${imports}export default ${define('noop')};`, /defines noop, which exists already/],
    [
      'defines a type twice',
      `${imports}export const a = ${define('my.a')}, b = ${define('my.a')};`,
      /defines my\.a, which exists/,
    ],
    [
      'has a bad definition',
      `${imports}export default ${define('Bad Name')};`,
      /"Bad Name" is not usable: name must be lower-case/,
    ],
    [
      'has a default function that fails',
      "export default () => { throw new Error('no plates'); };",
      /default function failed: no plates/,
    ],
  ] as const) {
    it(`says so when the module ${what}`, async () => {
      const handlersModule = await file(`${what.replaceAll(' ', '-')}.mjs`, text);
      await assert.rejects(
        loadTaskTypes({ settings, handlersModule }),
        (error) =>
          error instanceof HandlersModuleError &&
          expected.test(error.message) &&
          error.message.includes(handlersModule),
      );
    });
  }

  it('says so when there is no such file, or it is no module', async () => {
    await assert.rejects(loadTaskTypes({ settings, handlersModule: join(folder, 'no.mjs') }), /there is no such file/);
    await assert.rejects(
      loadTaskTypes({ settings, handlersModule: join(folder, 'no.ts') }),
      /must be a \.js or \.mjs file/,
    );
  });

  it('lets the processor close the connections of its handlers', async () => {
    const types: TaskTypes = await loadTaskTypes({ settings });
    await types[Symbol.asyncDispose]();
    const result = await attempt(types.get('http.request') ?? assert.fail(), { url: 'http://93.184.215.14/' });
    assert.equal(result.outcome, 'failed');
  });
});

describe('catchStrayErrors', () => {
  it('keeps what handlers leave behind from ending the process', async () => {
    const program = `
      import { catchStrayErrors } from '${new URL('../../processor/stray-errors.js', import.meta.url).href}';
      const seen = [];
      const guard = catchStrayErrors((error, origin) => seen.push(origin + ' ' + error.message));
      Promise.reject(new Error('nobody waits'));
      setTimeout(() => { throw new Error('in a timer'); }, 1);
      const controller = new AbortController();
      controller.signal.addEventListener('abort', () => { throw new Error('in a listener'); });
      controller.abort();
      const poll = setInterval(() => {
        if (seen.length < 3) return;
        clearInterval(poll);
        guard[Symbol.dispose]();
        console.log(seen.sort().join('; '));
      }, 1);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    assert.equal(
      stdout.trim(),
      'uncaughtException in a listener; uncaughtException in a timer; unhandledRejection nobody waits',
    );
  });
});
