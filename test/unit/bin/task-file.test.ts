import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import { readTaskFile } from '../../../bin/task-file.ts';
import { InvalidInputError } from '../../../core/errors.ts';

const ONE = `
tasks:
  - name: pH of batch 7
    taskType: noop
    schedule: { kind: immediate }
`;

describe('readTaskFile', () => {
  it('makes a key from the name', () => {
    assert.deepEqual(readTaskFile(ONE), [
      { name: 'pH of batch 7', taskType: 'noop', schedule: { kind: 'immediate' }, key: 'ph-of-batch-7' },
    ]);
  });

  it('makes the key of a name with accents from its plain letters', () => {
    const [task] = readTaskFile(ONE.replace('pH of batch 7', 'Größe, Élan vital!'));
    assert.equal(task?.key, 'gro-e-elan-vital');
  });

  it('repeats an entry and fills in its number everywhere', () => {
    const tasks = readTaskFile(`
tasks:
  - name: Sample {n}
    key: s-{n}
    count: 300
    taskType: noop
    payload: { list: ['{n}', { deep: 'x{n}' }] }
    schedule: { kind: immediate }
    labels: { sample: 'S{n}' }
`);
    assert.equal(tasks.length, 300);
    assert.deepEqual(tasks[299], {
      name: 'Sample 300',
      key: 's-300',
      taskType: 'noop',
      payload: { list: ['300', { deep: 'x300' }] },
      schedule: { kind: 'immediate' },
      labels: { sample: 'S300' },
    });
  });

  it('takes variables from the file, and others from its caller first', () => {
    const text = `
variables: { host: http://a, other: b }
tasks:
  - { name: '{host} {other} {unknown} {n}', taskType: noop, key: k, schedule: { kind: immediate } }
`;
    assert.equal(readTaskFile(text)[0]?.name, 'http://a b {unknown} {n}');
    assert.equal(readTaskFile(text, { host: 'http://c' })[0]?.name, 'http://c b {unknown} {n}');
  });

  it('reports every bad entry at once, each with its index and path', () => {
    assert.deepEqual(
      pathsOf(`
tasks:
  - { name: a, taskType: noop, schedule: { kind: immediate } }
  - { name: b, taskType: NOPE, schedule: { kind: cron, expressions: [] } }
  - { taskType: noop, schedule: { kind: once, at: yesterday }, colour: red }
`),
      ['tasks.1.schedule.expressions', 'tasks.1.taskType', 'tasks.2', 'tasks.2.name', 'tasks.2.schedule.at'],
    );
  });

  it('refuses two tasks of one key, and copies that do not differ, once each', () => {
    const entry = '{ name: a, taskType: noop, schedule: { kind: immediate }, count: 5 }';
    assert.deepEqual(pathsOf(`tasks: [${entry}, ${entry}]`), ['tasks.0.key', 'tasks.1.key']);
  });

  it('says which line of the YAML can not be read', () => {
    assert.throws(() => readTaskFile('tasks:\n  - name: a\n   bad: [\n'), /line 3/);
    assert.throws(() => readTaskFile('tasks:\n  - { name: a, name: b }\n'), /unique/);
  });

  for (const [what, text] of [
    ['an empty file', ''],
    ['a list at the top', '- name: a'],
    ['no tasks', 'tasks: []'],
    ['a task that is text', 'tasks: [a]'],
    ['unknown fields at the top', 'tasks: [{}]\nversion: 2'],
    ['a count of zero', 'tasks: [{ name: a, count: 0, taskType: noop, schedule: { kind: immediate } }]'],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\ntasks: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]`,
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readTaskFile(text), InvalidInputError);
    });
  }

  it('answers with tasks or an InvalidInputError, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `tasks: [${json}]`),
        ),
        (text) => {
          try {
            return Array.isArray(readTaskFile(text));
          } catch (error) {
            return error instanceof InvalidInputError;
          }
        },
      ),
    );
  });

  it("reads the laboratory's day", () => {
    const tasks = readTaskFile(readFileSync('examples/lab/tasks.yaml', 'utf8'), { instruments: 'http://127.0.0.1:9' });
    const at = (expression: string): number =>
      tasks.filter(({ schedule }) => schedule.kind === 'cron' && schedule.expressions.includes(expression)).length;
    assert.deepEqual([at('0 0 * * *'), at('0 5 * * *'), at('0 0 * * 1')], [300, 100, 750]);
    assert.ok(tasks.some((task) => JSON.stringify(task.payload).includes('http://127.0.0.1:9/ph-meter')));
    assert.ok(tasks.every((task) => !JSON.stringify(task).includes('{n}')));
  });
});

function pathsOf(text: string): readonly string[] {
  try {
    readTaskFile(text);
  } catch (error) {
    if (error instanceof InvalidInputError) return [...new Set(error.errors.map(({ path }) => path))].sort();
    throw error;
  }
  assert.fail('the file was accepted');
}
