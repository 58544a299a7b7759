import assert from 'node:assert/strict';

import { readApplyFile, readOneTask } from '../../../bin/task-file.ts';
import { InvalidInputError } from '../../../core/errors.ts';

describe('readApplyFile', () => {
  it('reads calendars with the variables filled in, without any task', () => {
    const file = readApplyFile(`
variables: { zone: Europe/Rome }
calendars:
  - { name: closures, title: Closed, timeZone: '{zone}', rules: [{ kind: date, date: 2026-12-25 }] }
  - { name: empty, title: Nothing }
`);
    assert.deepEqual(file, {
      calendars: [
        { name: 'closures', title: 'Closed', timeZone: 'Europe/Rome', rules: [{ kind: 'date', date: '2026-12-25' }] },
        { name: 'empty', title: 'Nothing', timeZone: 'UTC', rules: [] },
      ],
      tasks: [],
    });
  });

  it('names what is wrong with calendars and tasks at once', () => {
    assert.deepEqual(
      pathsOf(() =>
        readApplyFile(`
calendars:
  - { name: a, title: A, rules: [{ kind: date, date: 2026-02-30 }] }
  - { name: b, title: B }
  - { name: b, title: B again }
  - holidays
tasks:
  - { name: x, taskType: noop, schedule: { kind: cron, expressions: ['0 9 * * *'], calendars: [Not a name] } }
`),
      ),
      ['calendars.0.rules.0.date', 'calendars.2.name', 'calendars.3', 'tasks.0.schedule.calendars.0'],
    );
  });
});

describe('readOneTask', () => {
  it('reads one task as posted, and leaves out what the file leaves out', () => {
    const draft = { name: 'a', taskType: 'noop', schedule: { kind: 'immediate' } };
    assert.deepEqual(readOneTask(JSON.stringify(draft)), draft);
  });

  it('refuses a list of tasks and unknown fields', () => {
    assert.deepEqual(
      pathsOf(() => readOneTask('tasks: []')),
      ['', 'name', 'schedule', 'taskType'],
    );
  });
});

function pathsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.errors.map(({ path }) => path).sort();
    throw error;
  }
  assert.fail('the file was accepted');
}
