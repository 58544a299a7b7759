import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import type { Task, TaskDraft } from '../../api/contract/task.ts';
import type { Random } from './change-schedules.ts';

/** Something that was answered with success: from `answeredMs` on, nothing older than `revision` may start. */
export interface StormAnswer {
  readonly taskId: string;
  readonly revision: number;
  readonly answeredMs: number;
}

export interface StormReport {
  readonly answers: readonly StormAnswer[];
  /** What was asked for, by task and by the number of the edit, creation being 0. Only what was accepted. */
  readonly drafts: ReadonlyMap<string, readonly TaskDraft[]>;
  readonly counts: { edits: number; statusChanges: number; conflicts: number; refused: number };
}

export interface StormOptions {
  /** Of the API. */
  readonly url: string;
  readonly clients: number;
  readonly changesPerSecond: number;
  readonly random: Random;
  /** A definition whose payload carries the number of the edit. */
  readonly draft: (edit: number) => TaskDraft;
  /** Asked before each change, with the number of edits that were accepted so far. */
  readonly isOver: (edits: number) => boolean;
}

/**
 * Several clients that change the same tasks through the API: four of five changes are edits under If-Match, read
 * anew and repeated when somebody else was faster, the others pause, deactivate and activate. A tenth of the tasks gets half of them.
 */
export async function stormOfEdits(
  taskDrafts: ReadonlyMap<string, TaskDraft>,
  options: StormOptions,
): Promise<StormReport> {
  const { url, clients, changesPerSecond, random, draft, isOver } = options;
  const ids = [...taskDrafts.keys()];
  const answers: StormAnswer[] = [];
  const drafts = new Map([...taskDrafts].map(([id, first]): [string, TaskDraft[]] => [id, [first]]));
  const counts = { edits: 0, statusChanges: 0, conflicts: 0, refused: 0 };

  const edit = async (taskId: string): Promise<void> => {
    for (;;) {
      const read = await call(url, 'GET', taskId);
      const number = Number(read.body.payload.edit) + 1;
      const wanted = draft(number);
      const answer = await call(url, 'PUT', taskId, wanted, { 'if-match': `"${read.body.revision}"` });
      if (answer.status === 412) {
        counts.conflicts += 1;
        continue;
      }
      assert.equal(answer.status, 200, JSON.stringify([wanted, answer.body]));
      answers.push({ taskId, revision: read.body.revision + 1, answeredMs: answer.answeredMs });
      const accepted = drafts.get(taskId);
      assert.ok(accepted);
      assert.equal(accepted[number], undefined, `edit ${number} of task ${taskId} was accepted twice`);
      accepted[number] = wanted;
      counts.edits += 1;
      return;
    }
  };
  const changeStatus = async (taskId: string): Promise<void> => {
    const [verb, body] = statusChange(random);
    const answer = await call(url, 'PUT', `${taskId}/${verb}`, body);
    if (answer.status === 409) {
      counts.refused += 1; // nothing to pause, or the one time of the task is over
      return;
    }
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    answers.push({ taskId, revision: answer.body.revision, answeredMs: answer.answeredMs });
    counts.statusChanges += 1;
  };
  const client = async (): Promise<void> => {
    let nextMs = performance.now();
    while (!isOver(counts.edits)) {
      const reach = random() < 0.5 ? ids.length : ids.length / 10;
      const taskId = ids[Math.floor(random() * reach)];
      assert.ok(taskId);
      await (random() < 0.8 ? edit(taskId) : changeStatus(taskId));
      nextMs += (1_000 * clients) / changesPerSecond;
      await pause(Math.max(0, nextMs - performance.now()));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { answers, drafts, counts };
}

/** Creates so many tasks through the API, a few at a time. Answers what was asked for, by id. */
export async function createThroughApi(
  url: string,
  count: number,
  makeDraft: () => TaskDraft,
): Promise<Map<string, TaskDraft>> {
  const created = new Map<string, TaskDraft>();
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const draft = makeDraft();
      const { status, body } = await call(url, 'POST', '', draft);
      assert.equal(status, 201, JSON.stringify(body));
      created.set(body.id, draft);
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return created;
}

/** Deactivates all of them. */
export async function deactivateThroughApi(url: string, taskIds: readonly string[]): Promise<void> {
  for (const taskId of taskIds) {
    const { status, body } = await call(url, 'PUT', `${taskId}/inactive`, {});
    assert.equal(status, 200, JSON.stringify(body));
  }
}

function statusChange(random: Random): readonly [string, object] {
  const dice = random();
  if (dice < 0.5) return ['active', {}];
  if (dice < 0.75) return ['inactive', {}];
  if (dice < 0.85) return ['pause', {}];
  return ['pause', { until: new Date(Date.now() + 3_000 + random() * 4_000).toISOString() }];
}

async function call(url: string, method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/api/v1/tasks${path === '' ? '' : '/'}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answeredMs = Date.now();
  return { status: response.status, answeredMs, body: (await response.json()) as Task };
}
