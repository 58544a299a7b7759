import assert from 'node:assert/strict';

import type { Advice, AdviceInput, AppliedAdvice, UndoneAdvice } from '../../api/contract/advice.ts';
import type { Forecast } from '../../api/contract/forecast.ts';
import type { Ledger, TaskRevision, Why } from '../../api/contract/ledger.ts';
import type { Task, TaskDraft } from '../../api/contract/task.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { readDatabaseClock } from '../../db/expansion-store.ts';
import { openTestApi, type TestApi } from '../support/api.ts';

const ADVICE = '/api/v1/forecast/advice';
const WORK = { taskType: 'http.request', payload: { url: 'http://127.0.0.1:9/' } } as const; // 300 ms by its estimate
const WINDOW_MS = 5 * MINUTE_MS;

describe('smoothing advice', () => {
  let api: TestApi;
  /** Minute of the hour about half an hour ahead: its rows of this hour are always written. */
  let minute: number;
  let firstMs: number;

  beforeEach(async () => {
    api = await openTestApi();
    firstMs = Math.ceil((await readDatabaseClock(api.database)) / MINUTE_MS) * MINUTE_MS + HOUR_MS / 2;
    minute = new Date(firstMs).getUTCMinutes();
  });
  afterEach(() => api[Symbol.asyncDispose]());

  /** Tasks that run each hour at the same minute; three groups of thirty make one instance each. */
  async function crowd(count: number, policies: TaskDraft['policies'] = {}): Promise<Task[]> {
    const tasks: Task[] = [];
    for (let index = 0; index < count; index += 1) {
      const schedule = { kind: 'cron' as const, expressions: [`${minute} * * * *`] };
      tasks.push(await api.createTask({ ...WORK, name: `task ${index}`, schedule, policies }));
    }
    await api.expand();
    return tasks;
  }

  const flexible = { flexibleWindowMs: WINDOW_MS, placement: 'hash' } as const;

  async function advice(query = ''): Promise<Advice> {
    const answer = await api.send<Advice>('GET', `${ADVICE}?hours=2${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  async function peak(): Promise<number> {
    const { body } = await api.send<Forecast>('GET', '/api/v1/forecast?hours=2&pastMinutes=0');
    return Math.max(...body.steps.map(({ requiredInstances }) => requiredInstances ?? 0));
  }

  const input = (moves: Advice['moves'], extra: Partial<AdviceInput> = {}) => ({
    hours: 2,
    moves: moves.map(({ taskId, revision, offsetMs }) => ({ taskId, revision, offsetMs })),
    ...extra,
  });

  async function apply(body: object): Promise<AppliedAdvice> {
    const answer = await api.send<AppliedAdvice>('POST', `${ADVICE}/apply`, { body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  async function undo(id: string | null): Promise<UndoneAdvice> {
    const answer = await api.send<UndoneAdvice>('POST', `${ADVICE}/${id}/undo`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  /** Every row as it was written: who, when, due when. */
  async function places(): Promise<string[]> {
    const rows = await api.database.dataSource.query<{ id: string; at: Date; due: Date | null; status: string }[]>(
      `select task_id as id, scheduled_time as at, due_at as due, status from task_schedule
       where scheduled_time > clock_timestamp() + interval '5 minutes' order by 1, 2`,
    );
    return rows.map(({ id, at, due, status }) => `${id} ${at.toISOString()} ${due?.toISOString()} ${status}`);
  }

  async function nothingUnaccounted(): Promise<void> {
    const [from, until] = [firstMs - HOUR_MS, firstMs + 3 * HOUR_MS].map((ms) => new Date(ms).toISOString());
    const { body } = await api.send<Ledger>('GET', `/api/v1/ledger?from=${from}&until=${until}`);
    assert.deepEqual([body.unaccounted, body.unexpected], [0, 0]);
    assert.ok(body.expected > 0);
  }

  it('lowers the peak of the forecast to just what it says, and undone it leaves every row as it was', async () => {
    // Placed by the load they keep clear of each other; what comes later does not.
    const tasks = await crowd(40, { flexibleWindowMs: WINDOW_MS });
    const rigid = await crowd(80);
    const before = await places();
    const first = await advice();
    assert.equal(first.before.peak, await peak());
    assert.ok(first.after.peak < first.before.peak || first.moves.length === 0);
    // All of them at one place: as a person might have it, and then the advice has something to do.
    const [some] = [tasks.slice(0, 40)];
    const gathered = await apply({
      hours: 2,
      moves: some.map(({ id, revision }) => ({ taskId: id, revision, offsetMs: 0 })),
    });
    assert.equal(gathered.peakAfter, await peak());
    assert.equal(gathered.peakAfter, 4, '120 runs of 300 ms');
    const crowded = await places();

    const asked = await advice();
    assert.equal(asked.before.peak, 4);
    assert.equal(asked.after.peak, 3, 'the 80 that may not move need three');
    assert.ok(asked.suggestions.length > 0 && asked.withSuggestions.peak < asked.after.peak);
    const applied = await apply(input(asked.moves));
    assert.deepEqual([applied.state, applied.peakBefore, applied.peakAfter], ['applied', 4, 3]);
    assert.equal(await peak(), asked.after.peak, 'as predicted');
    await nothingUnaccounted();

    // A suggestion gives a task a window, when it is named.
    const [suggestion] = asked.suggestions;
    assert.ok(suggestion);
    await api.refuse('POST', `${ADVICE}/apply`, 422, 'invalid_input', { body: input([suggestion]) });
    const given = await apply({
      hours: 2,
      moves: asked.suggestions.map(({ taskId, revision, offsetMs, windowMs }) => ({
        taskId,
        revision,
        offsetMs,
        windowMs,
      })),
    });
    assert.equal(await peak(), asked.withSuggestions.peak);
    assert.equal(given.peakAfter, asked.withSuggestions.peak);
    const { body: changed } = await api.send<Task>('GET', `/api/v1/tasks/${suggestion.taskId}`);
    assert.equal(changed.policies.flexibleWindowMs, suggestion.windowMs);
    assert.deepEqual(changed.advisedPlace, { adviceId: given.id, offsetMs: suggestion.offsetMs });

    for (const { id } of [given, applied]) {
      const undone = await undo(id);
      assert.deepEqual([undone.advice.state, undone.left], ['undone', []]);
    }
    assert.deepEqual(await places(), crowded);
    assert.equal(await peak(), 4);
    assert.equal((await undo(gathered.id)).restored, 40);
    assert.deepEqual(await places(), before, 'also places that the load had decided');
    assert.equal(await peak(), first.before.peak);
    assert.equal((await undo(gathered.id)).restored, 0, 'once more does nothing');
    const { body: free } = await api.send<Task>('GET', `/api/v1/tasks/${rigid[0]?.id}`);
    assert.deepEqual([free.policies.flexibleWindowMs, free.advisedPlace], [0, null]);
    await nothingUnaccounted();
    await api.expand();
    assert.deepEqual(await places(), before, 'the scheduler finds nothing to do');
  });

  it('says the peak of each beginning of its list, and of any choice in a dry run', async () => {
    const tasks = await crowd(70, { ...flexible });
    await apply({ hours: 2, moves: tasks.map(({ id, revision }) => ({ taskId: id, revision, offsetMs: 0 })) });
    const { moves, before } = await advice();
    assert.equal(before.peak, 3);
    const reaching = moves.findIndex(({ peakAfter }) => peakAfter === 2);
    assert.ok(reaching >= 0);
    const some = moves.slice(0, reaching + 1);
    const rows = await places();
    const proposed = await apply(input(some, { dryRun: true }));
    assert.deepEqual([proposed.id, proposed.state, proposed.peakAfter], [null, 'proposed', 2]);
    assert.equal((await apply(input(some.slice(1), { dryRun: true }))).peakAfter, 3);
    assert.deepEqual(await places(), rows, 'nothing was written');
    await apply(input(some));
    assert.equal(await peak(), 2);
  });

  it('answers the same request again, and refuses one that does not fit any more', async () => {
    const [task, other] = (await crowd(2, { ...flexible })) as [Task, Task];
    const move = { taskId: task.id, revision: task.revision, offsetMs: 60_000 };
    const applied = await apply({ moves: [move] });
    assert.deepEqual(await apply({ moves: [move] }), applied, 'done once');
    const problem = await api.refuse('POST', `${ADVICE}/apply`, 409, 'conflict', {
      body: {
        moves: [
          { ...move, offsetMs: 0 },
          { ...move, taskId: other.id },
        ],
      },
    });
    assert.match(String(problem.detail), new RegExp(`task ${task.id} \\(task 0\\) is at revision 2, not 1`));
    const bodies: [object, number][] = [
      [{ moves: [{ taskId: other.id, revision: 1, offsetMs: WINDOW_MS + 1 }] }, 422],
      [{ moves: [{ taskId: other.id, revision: 1, offsetMs: 0, windowMs: 60_000 }] }, 422],
      [{ moves: [move, move] }, 422],
      [{ moves: [] }, 422],
      [{ moves: [{ taskId: '999999', revision: 1, offsetMs: 0 }] }, 409],
      [{ pool: 'other', moves: [{ taskId: other.id, revision: 1, offsetMs: 0 }] }, 409],
    ];
    for (const [body, status] of bodies) {
      await api.refuse('POST', `${ADVICE}/apply`, status, status === 409 ? 'conflict' : 'invalid_input', { body });
    }
    await api.refuse('POST', `${ADVICE}/4711/undo`, 404, 'not_found');
    await undo(applied.id);
    await api.refuse('POST', `${ADVICE}/apply`, 409, 'conflict', { body: { moves: [move] } });
    const { body: list } = await api.send<{ items: AppliedAdvice[] }>('GET', `${ADVICE}/applied`);
    assert.deepEqual(
      list.items.map(({ id, state }) => [id, state]),
      [[applied.id, 'undone']],
    );
  });

  it('gives a task a place that stays when other fields are edited, and goes when its window is', async () => {
    const [task, other] = (await crowd(2, { ...flexible })) as [Task, Task];
    const moves = [task, other].map(({ id, revision }) => ({ taskId: id, revision, offsetMs: 90_000 }));
    const applied = await apply({ moves });
    const dues = async (id: string): Promise<Set<number>> => {
      const ahead = (await api.occurrencesOf(id)).filter(({ status }) => status === 'Scheduled');
      assert.ok(ahead.length > 0);
      return new Set(ahead.map(({ dueAt, scheduledTime }) => Date.parse(String(dueAt)) - Date.parse(scheduledTime)));
    };
    const edit = async (change: Partial<TaskDraft>): Promise<Task> => {
      const schedule = { kind: 'cron' as const, expressions: [`${minute} * * * *`] };
      const body = { ...WORK, name: 'edited', schedule, policies: flexible, ...change };
      const answer = await api.send<Task>('PUT', `/api/v1/tasks/${task.id}`, { body });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      await api.expand();
      return answer.body;
    };
    assert.deepEqual(await dues(task.id), new Set([90_000]));
    assert.deepEqual((await edit({ priority: 'high' })).advisedPlace, { adviceId: applied.id, offsetMs: 90_000 });
    assert.deepEqual(await dues(task.id), new Set([90_000]), 'written anew at the same place');

    const undone = await undo(applied.id);
    assert.deepEqual([undone.restored, undone.advice.state], [1, 'partly-undone']);
    assert.deepEqual(undone.left, [
      { taskId: task.id, reason: 'it was changed since: it is at revision 3, and the advice left it at 2' },
    ]);
    assert.deepEqual(
      undone.advice.moves.map(({ state }) => state),
      ['changed', 'undone'],
    );
    await api.refuse('POST', `${ADVICE}/${applied.id}/undo`, 409, 'conflict');

    const narrower = await edit({ policies: { ...flexible, flexibleWindowMs: MINUTE_MS } });
    assert.equal(narrower.advisedPlace, null);
    assert.ok(Math.max(...(await dues(task.id))) <= MINUTE_MS);
    await nothingUnaccounted();
  });

  it('is told by the history of a task and by the answer to why', async () => {
    const [task] = (await crowd(1, { ...flexible })) as [Task];
    const applied = await apply({ moves: [{ taskId: task.id, revision: 1, offsetMs: 120_000 }] });
    const at = new Date(firstMs).toISOString();
    const { body: why } = await api.send<Why>('GET', `/api/v1/tasks/${task.id}/why?at=${at}`);
    assert.equal(why.verdict, 'will-run');
    assert.match(
      why.summary,
      new RegExp(`advice ${applied.id} moved it to 2 min after its time, within its flexible window of 5 min`),
    );
    await undo(applied.id);
    const { body: history } = await api.send<{ items: TaskRevision[] }>('GET', `/api/v1/tasks/${task.id}/revisions`);
    assert.deepEqual(
      history.items.map(({ change }) => change),
      ['unsmoothed', 'smoothed', 'created'],
    );
  });
});
