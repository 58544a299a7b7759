import assert from 'node:assert/strict';

import type { TaskPage } from '../../api/contract/task.ts';
import { DRAFT, openTestApi, sendRaw, type TestApi } from '../support/api.ts';

const TASKS = '/api/v1/tasks';

describe('the API, given bad input', () => {
  let api: TestApi;
  before(async () => {
    api = await openTestApi();
  });
  after(() => api[Symbol.asyncDispose]());
  afterEach('nothing was written', async () => {
    assert.equal((await api.send<TaskPage>('GET', TASKS)).body.total, 0);
  });

  const pathsOf = async (draft: object): Promise<string[]> => {
    const problem = await api.refuse('POST', TASKS, 422, 'invalid_input', { body: { ...DRAFT, ...draft } });
    return problem.errors?.map((error) => error.path) ?? [];
  };
  const messageOf = async (draft: object): Promise<string> => {
    const problem = await api.refuse('POST', TASKS, 422, 'invalid_input', { body: { ...DRAFT, ...draft } });
    return problem.errors?.map((error) => error.message).join('; ') ?? '';
  };

  describe('as a body', () => {
    const refuseRaw = (raw: string | Uint8Array, status: number, code: string, headers: Record<string, string> = {}) =>
      api.refuse('POST', TASKS, status, code, { raw, headers });

    it('refuses with 400 what is not JSON, empty, or not UTF-8', async () => {
      for (const raw of ['{', '', '{"a":1,}', 'nonsense', "{'a': 1}"]) await refuseRaw(raw, 400, 'malformed_body');
      await refuseRaw(new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 400, 'malformed_body');
    });

    it('refuses with 422 what is JSON but no task', async () => {
      for (const raw of ['null', '[]', '"x"', '1', 'true']) await refuseRaw(raw, 422, 'invalid_input');
    });

    it('refuses a field that comes twice, also when it is spelt with an escape, and __proto__', async () => {
      const twice = await refuseRaw(
        '{"name":"a","schedule":{"kind":"once","k\\u0069nd":"cron"}}',
        400,
        'malformed_body',
      );
      assert.match(twice.detail ?? '', /"kind" twice/);
      await refuseRaw('{"name":"a","payload":{"__proto__":{"admin":true}}}', 400, 'malformed_body');
      await refuseRaw('{"name":"a","payload":{"\\u005f_proto__":1}}', 400, 'malformed_body');
    });

    it('refuses deep nesting, and takes what is just deep enough', async () => {
      await refuseRaw(`{"payload":${'['.repeat(32)}${']'.repeat(32)}}`, 400, 'malformed_body');
      await refuseRaw('['.repeat(400_000), 400, 'malformed_body');
      const nested = `${'['.repeat(30)}${']'.repeat(30)}`;
      const { status } = await api.send('POST', `${TASKS}?dryRun=plan`, {
        raw: JSON.stringify(DRAFT).replace('{', `{"payload":{"a":${nested}},`),
      });
      assert.equal(status, 200);
    });

    it('refuses more than 1 MiB, declared or not, and answers the next request', async () => {
      const raw = JSON.stringify({ ...DRAFT, payload: { text: 'x'.repeat(1_048_576) } });
      await refuseRaw(raw, 413, 'body_too_large');
      const { status } = await sendRaw(api.port, {
        method: 'POST',
        path: TASKS,
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
        body: raw,
      });
      assert.equal(status, 413);
      assert.equal((await api.send('GET', TASKS)).status, 200);
    });

    it('refuses other types than JSON in UTF-8, and compressed bodies', async () => {
      const raw = JSON.stringify(DRAFT);
      for (const type of [
        'text/plain',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/json; charset=latin1',
      ]) {
        await refuseRaw(raw, 415, 'unsupported_media_type', { 'content-type': type });
      }
      await refuseRaw(raw, 415, 'unsupported_media_type', { 'content-encoding': 'gzip' });
    });
  });

  describe('as a task', () => {
    it('names every field that is wrong, at once', async () => {
      const paths = await pathsOf({
        name: '',
        taskType: 'NO',
        schedule: { kind: 'interval', everyMs: 5 },
        retry: { maxAttempts: 0 },
        timeoutMs: '5',
        labels: { '1x': 'y' },
        recipients: ['nobody'],
        id: '7',
        status: 'active',
      });
      assert.deepEqual(paths.sort(), [
        'id',
        'labels.1x',
        'name',
        'recipients.0',
        'retry.maxAttempts',
        'schedule.everyMs',
        'status',
        'taskType',
        'timeoutMs',
      ]);
    });

    it('refuses names that are blank, too long, or no text', async () => {
      for (const name of [
        '',
        '   ',
        'x'.repeat(201),
        'a\u0000b',
        'a\nb',
        'a\u001bb',
        '\ud800',
        'a\u202eb',
        null,
        5,
        {},
      ]) {
        assert.ok((await pathsOf({ name })).includes('name'), JSON.stringify(name));
      }
    });

    it('refuses NUL characters and lone surrogates anywhere in a payload, also in its keys', async () => {
      assert.deepEqual(await pathsOf({ payload: { a: { b: ['x', 'y\u0000'] } } }), ['payload.a.b.1']);
      assert.deepEqual(await pathsOf({ payload: { a: '\udc00' } }), ['payload.a']);
      assert.deepEqual(await pathsOf({ payload: { 'k\u0000': 1 } }), ['payload']);
    });

    it('refuses an unknown task type with those that there are, and the one that was probably meant', async () => {
      const message = await messageOf({ taskType: 'htp.request' });
      assert.match(message, /http\.request, noop/);
      assert.match(message, /Did you mean http\.request\?/);
      assert.doesNotMatch(await messageOf({ taskType: 'something.else' }), /Did you mean/);
      assert.match(await messageOf({ taskType: 'shell.command' }), /disabled/);
    });

    it('refuses a payload that does not fit the schema of its type, field by field', async () => {
      const paths = await pathsOf({
        taskType: 'http.request',
        payload: { method: 'FOO', extra: 1, headers: { a: 5 } },
      });
      assert.deepEqual(paths.sort(), ['payload.extra', 'payload.headers.a', 'payload.method', 'payload.url']);
      const message = await messageOf({ taskType: 'http.request', payload: { url: 'x', method: 'FOO' } });
      assert.match(message, /GET, POST/);
    });

    it('refuses times that are past, impossible, without an offset, or out of range', async () => {
      for (const at of [
        '2020-01-01T00:00:00Z',
        '2026-02-30T00:00:00Z',
        '2199-01-01T00:00:00',
        '2199-01-01',
        '9999-01-01T00:00:00Z',
        '2199-06-30T23:59:60Z',
        7,
      ]) {
        assert.deepEqual(await pathsOf({ schedule: { kind: 'once', at } }), ['schedule.at'], String(at));
      }
    });

    it('refuses schedules whose end lies before their start or in the past, and those without an instant between', async () => {
      const cron = { kind: 'cron', expressions: ['0 0 1 1 *'] };
      assert.deepEqual(await pathsOf({ schedule: { ...cron, endsAt: '2020-01-01T00:00:00Z' } }), ['schedule.endsAt']);
      const range = { startsAt: '2100-01-02T00:00:00Z', endsAt: '2100-01-01T00:00:00Z' };
      assert.deepEqual(await pathsOf({ schedule: { ...cron, ...range } }), ['schedule.endsAt']);
      assert.deepEqual(await pathsOf({ schedule: { kind: 'interval', everyMs: 1_000, ...range } }), [
        'schedule.endsAt',
      ]);
      const empty = { startsAt: '2100-01-02T00:00:00Z', endsAt: '2100-12-01T00:00:00Z' };
      assert.deepEqual(await pathsOf({ schedule: { ...cron, ...empty } }), ['schedule']);
    });

    it('refuses schedules of no kind or of two', async () => {
      assert.deepEqual(await pathsOf({ schedule: { kind: 'sometimes' } }), ['schedule.kind']);
      assert.deepEqual(await pathsOf({ schedule: { kind: 'immediate', at: '2199-01-01T00:00:00Z' } }), ['schedule.at']);
    });
  });

  describe('in an address', () => {
    it('refuses ids that can not be one with 400, and ids of nothing with 404', async () => {
      for (const id of ['0', '-1', 'abc', '1e3', '99999999999999999999', '%00', '9223372036854775808']) {
        await api.refuse('GET', `${TASKS}/${id}`, 400, 'malformed_id');
      }
      await api.refuse('GET', `${TASKS}/9223372036854775807`, 404, 'not_found');
      for (const id of ['7', '7-', '0-1', '7-x', '9223372036854775808-1', '1-1234567890123456']) {
        await api.refuse('GET', `/api/v1/occurrences/${id}`, 400, 'malformed_id');
      }
      for (const id of ['7-1', '7-1-0', '7-1-999999999999'])
        await api.refuse('GET', `/api/v1/runs/${id}`, 400, 'malformed_id');
      await api.refuse('GET', '/api/v1/occurrences/9223372036854775807-999999999999999', 404, 'not_found');
      await api.refuse('GET', '/api/v1/runs/1-1-999999999', 404, 'not_found');
    });

    it('refuses parameters that are unknown, out of range, repeated or nested', async () => {
      for (const [query, path] of [
        ['limit=0', 'limit'],
        ['limit=201', 'limit'],
        ['limit=abc', 'limit'],
        ['limit=1.5', 'limit'],
        ['page=-1', 'page'],
        ['page=1000000000000', 'page'],
        ['sort=name;drop%20table%20tasks', 'sort'],
        ['offset=5', 'offset'],
        ['status[$ne]=x', 'status[$ne]'],
        ['status=active&status=paused', 'status'],
        ['status=', 'status'],
        ['q=%00', 'q'],
        ['label=experiment', 'label'],
        ['__proto__=1', '__proto__'],
      ] as const) {
        const problem = await api.refuse('GET', `${TASKS}?${query}`, 422, 'invalid_input');
        assert.deepEqual(
          problem.errors?.map((error) => error.path),
          [path],
          query,
        );
      }
      await api.refuse('GET', `${TASKS}/1?x=1`, 422, 'invalid_input');
    });

    it('refuses cursors that are forged or belong to another list or order', async () => {
      const forge = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const cursors = [
        'x',
        '%F0%9F%92%A9',
        forge({}),
        forge(['tasks:-id']),
        forge(['tasks:-id', '1']),
        forge(['tasks:-id', '1', '99999999999999999999']),
        forge(['tasks:-id', "1'; drop table tasks", '1']),
        forge(['tasks:name', 'a', '1']),
        forge(['tasks:-id', null, '1']),
      ];
      for (const cursor of cursors) await api.refuse('GET', `${TASKS}?cursor=${cursor}`, 400, 'invalid_cursor');
      for (const list of ['occurrences', 'runs', 'dead-letters']) {
        await api.refuse('GET', `/api/v1/${list}?cursor=${forge([list, 8.64e16, '1'])}`, 400, 'invalid_cursor');
      }
      await api.refuse(
        'GET',
        `/api/v1/occurrences?order=asc&cursor=${forge(['occurrences:desc', 1, '1'])}`,
        400,
        'invalid_cursor',
      );
    });

    it('answers 404 where nothing is, and 405 with what is possible where the method is not', async () => {
      for (const path of [
        '/api/v1/nothing',
        '/api',
        '/api/v1/TASKS',
        '/api/v1/tasks/',
        '//api//v1/tasks',
        '/..%2f..%2fetc/passwd',
      ]) {
        await api.refuse('GET', path, 404, 'not_found');
      }
      for (const [method, path, allow] of [
        ['PATCH', `${TASKS}/1`, 'DELETE, GET, HEAD, PUT'],
        ['DELETE', TASKS, 'GET, HEAD, POST'],
        ['POST', '/health', 'GET, HEAD'],
      ] as const) {
        const answer = await api.send(method, path, { headers: { 'x-http-method-override': 'GET' } });
        assert.equal(answer.headers.get('allow'), allow);
        await api.refuse(method, path, 405, 'method_not_allowed');
      }
      const trace = await sendRaw(api.port, { method: 'TRACE', path: TASKS });
      assert.equal(trace.status, 405);
      const options = await api.send('OPTIONS', TASKS);
      assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, POST']);
    });
  });

  describe('elsewhere', () => {
    it('names the ids of a bulk redrive that can not be one', async () => {
      const problem = await api.refuse('POST', '/api/v1/dead-letters/redrive', 422, 'invalid_input', {
        body: { occurrenceIds: ['1-1', 'nonsense', '99999999999999999999-1'] },
      });
      assert.deepEqual(
        problem.errors?.map((error) => error.path),
        ['occurrenceIds.1', 'occurrenceIds.2'],
      );
      await api.refuse('POST', '/api/v1/dead-letters/redrive', 422, 'invalid_input', { body: { occurrenceIds: [] } });
      await api.refuse('POST', '/api/v1/dead-letters/redrive', 422, 'invalid_input', { body: { everything: true } });
    });

    it('refuses names of hosts that are not ours, and hosts that are none', async () => {
      for (const [host, status] of [
        ['evil.example', 421],
        ['localhost.evil.example:8080', 421],
        ['evil@localhost', 400],
        ['a b', 400],
        ['localhost:9999', 200],
        ['127.0.0.1', 200],
        ['[::1]:8080', 200],
        ['LOCALHOST', 200],
      ] as const) {
        assert.equal((await sendRaw(api.port, { headers: { host } })).status, status, host);
      }
    });

    it('refuses writes that a browser sends for a page of another origin, and takes its own', async () => {
      const write = async (headers: Record<string, string>): Promise<number> =>
        (
          await sendRaw(api.port, {
            method: 'DELETE',
            path: `${TASKS}/1`,
            headers: { host: 'localhost:8080', ...headers },
          })
        ).status;
      assert.equal(await write({ origin: 'http://evil.example' }), 403);
      assert.equal(await write({ origin: 'http://localhost:3000' }), 403);
      assert.equal(await write({ origin: 'null' }), 403);
      assert.equal(await write({ 'sec-fetch-site': 'cross-site' }), 403);
      assert.equal(await write({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:8080' }), 403);
      assert.equal(await write({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8080' }), 404);
      assert.equal(await write({ 'sec-fetch-site': 'none' }), 404);
      assert.equal(await write({}), 404);
    });

    it('refuses headers that are too large', async () => {
      const { status } = await sendRaw(api.port, { headers: { 'x-large': 'x'.repeat(20_000) } });
      assert.equal(status, 431);
    });
  });
});
