import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { startInstrumentSimulator } from '../../examples/lab/instrument-simulator.ts';
import { parseAllowedTarget } from '../../processor/address-rules.ts';
import { type AttemptResult, runAttempt } from '../../processor/attempt.ts';
import { createHttpRequest } from '../../processor/handlers/http-request.ts';
import { createLabMeasurement } from '../../processor/handlers/lab-measurement.ts';
import { createNotificationWebhook } from '../../processor/handlers/notification-webhook.ts';
import { openOutboundHttp, type OutboundHttp, type ResolveName } from '../../processor/outbound-http.ts';
import { attempt, inputOf } from '../support/attempts.ts';
import { eventually } from '../support/eventually.ts';

interface Kept {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyPreview: string;
  readonly bodyBytes: number;
  readonly truncated: boolean;
}

describe('http.request', () => {
  let server: TestServer;
  let http: OutboundHttp;
  before(async () => {
    server = await startServer(respond);
    http = clientFor(server);
  });
  after(async () => {
    await http[Symbol.asyncDispose]();
    await server.stop();
  });
  const call = (path: string, payload: object = {}): Promise<AttemptResult> =>
    attempt(createHttpRequest(http), { url: `${server.url}${path}`, ...payload });

  it('sends method, headers and JSON body, with the key by which a repetition is known', async () => {
    const result = await call('/echo', { method: 'PUT', headers: { 'X-Api-Key': 'k' }, body: { json: { a: [1] } } });
    assert.equal(result.outcome, 'succeeded', result.error ?? '');
    const echoed = JSON.parse((result.result as unknown as Kept).bodyPreview) as Echo;
    assert.deepEqual([echoed.method, echoed.body], ['PUT', '{"a":[1]}']);
    assert.equal(echoed.headers['x-api-key'], 'k');
    assert.equal(echoed.headers['content-type'], 'application/json');
    assert.equal(echoed.headers['idempotency-key'], '7-1790000000000');
    assert.equal(echoed.headers['x-attempt'], '1');
  });

  it('sends text as it is, with the content type of the payload', async () => {
    const result = await call('/echo', {
      method: 'POST',
      headers: { 'Content-Type': 'text/csv' },
      body: { text: 'a;b' },
    });
    const echoed = JSON.parse((result.result as unknown as Kept).bodyPreview) as Echo;
    assert.deepEqual([echoed.headers['content-type'], echoed.body], ['text/csv', 'a;b']);
  });

  for (const [status, retryable] of [
    ...([400, 401, 403, 404, 409, 410, 422] as const).map((code) => [code, false] as const),
    ...([408, 425, 429, 500, 502, 503, 504] as const).map((code) => [code, true] as const),
  ]) {
    it(`fails at ${status}, which is ${retryable ? '' : 'not '}worth another try`, async () => {
      const result = await call(`/status/${status}`);
      assert.deepEqual([result.outcome, result.retryable], ['failed', retryable]);
      assert.match(result.error ?? '', new RegExp(`The answer was ${status}, not .*It said: no`));
    });
  }

  it('succeeds with the status that was expected', async () => {
    assert.equal((await call('/status/404', { expectStatus: [404, 410] })).outcome, 'succeeded');
    assert.equal((await call('/status/200', { expectStatus: 204 })).outcome, 'failed');
  });

  it('passes on the wish of Retry-After, in seconds or as a date', async () => {
    assert.equal((await call('/retry-after?value=7')).retryAfterMs, 7_000);
    const dated = await call(`/retry-after?value=${encodeURIComponent(new Date(Date.now() + 60_000).toUTCString())}`);
    assert.ok(dated.retryAfterMs !== undefined && dated.retryAfterMs > 50_000 && dated.retryAfterMs <= 60_000);
    assert.equal((await call('/retry-after?value=soon')).retryAfterMs, undefined);
  });

  it('reads no more of an endless answer than it may', async () => {
    const result = await call('/endless', { maxResponseBytes: 100_000 });
    const kept = result.result as unknown as Kept;
    assert.deepEqual([result.outcome, kept.bodyBytes, kept.truncated], ['succeeded', 100_000, true]);
    assert.ok(Buffer.byteLength(kept.bodyPreview) <= 16_384);
  });

  it('stores answers that are not text', async () => {
    const kept = (await call('/binary')).result as unknown as Kept;
    assert.equal(kept.bodyPreview, 'a\uFFFD\uFFFDb');
  });

  it('fails, to be tried again, when the server breaks off, lies about the length or speaks something else', async () => {
    for (const path of ['/reset', '/short', '/upgrade', '/nonsense']) {
      const result = await call(path);
      assert.deepEqual([path, result.outcome, result.retryable], [path, 'failed', true]);
      assert.notEqual(result.error, '');
    }
  });

  it('fails, to be tried again, when nobody listens', async () => {
    const closed = await startServer(respond);
    await closed.stop();
    await using other = clientFor(closed);
    const result = await attempt(createHttpRequest(other), { url: closed.url });
    assert.deepEqual([result.outcome, result.retryable], ['failed', true]);
    assert.match(result.error ?? '', /ECONNREFUSED/);
  });

  it('stops waiting when it is aborted, and closes the connection', async () => {
    const stop = new AbortController();
    const pending = runAttempt(createHttpRequest(http), inputOf({ url: `${server.url}/hang` }), {
      timeoutMs: 60_000,
      signal: stop.signal,
    });
    await eventually(() => server.hanging.size === 1);
    stop.abort();
    assert.equal((await pending).outcome, 'interrupted');
    await eventually(() => [...server.hanging].every((socket) => socket.destroyed));
  });

  it('does not log the query, which may hold a secret', async () => {
    const result = await call('/status/200?token=hush');
    assert.equal(result.outcome, 'succeeded');
    assert.doesNotMatch(JSON.stringify(result.logs), /hush/);
  });

  describe('redirects', () => {
    it('are not followed unless asked for', async () => {
      const result = await call('/redirect?to=/echo');
      assert.deepEqual([result.outcome, result.retryable], ['failed', false]);
      assert.match(result.error ?? '', /redirect that was not followed/);
    });

    it('are followed when asked for, three at most', async () => {
      assert.equal((await call('/redirect?to=/echo', { followRedirects: true })).outcome, 'succeeded');
      assert.match((await call('/loop', { followRedirects: true })).error ?? '', /The answer was 302/);
    });

    it('turn POST into GET, and keep it for 307', async () => {
      const body = { followRedirects: true, method: 'POST', body: { text: 'x' } };
      const turned = echoOf(await call('/redirect?to=/echo', body));
      assert.deepEqual([turned.method, turned.body, turned.headers['content-type']], ['GET', '', undefined]);
      const kept = echoOf(await call('/redirect?status=307&to=/echo', body));
      assert.deepEqual([kept.method, kept.body], ['POST', 'x']);
    });

    it('take no credentials to another origin', async () => {
      const other = await startServer(respond);
      await using both = openOutboundHttp([...allowedFor(server), ...allowedFor(other)]);
      const result = await attempt(createHttpRequest(both), {
        url: `${server.url}/redirect?to=${encodeURIComponent(`${other.url}/echo`)}`,
        headers: { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k', Accept: 'text/plain' },
        followRedirects: true,
      });
      const { headers } = echoOf(result);
      await other.stop();
      assert.deepEqual(
        [headers.authorization, headers.cookie, headers['x-api-key'], headers.accept],
        [undefined, undefined, undefined, 'text/plain'],
      );
    });

    it('do not lead to what may not be called', async () => {
      for (const target of [
        'http://169.254.169.254/',
        'file:///etc/passwd',
        'http://127.0.0.1:1/',
        'http://a:b@example.org/',
      ]) {
        const result = await call(`/redirect?to=${encodeURIComponent(target)}`, { followRedirects: true });
        assert.deepEqual([result.outcome, result.retryable], ['failed', false], target);
        assert.match(result.error ?? '', /OutboundRefusedError/);
      }
    });
  });

  describe('without an entry in the allow list', () => {
    it('refuses private addresses for good, and the server sees nothing', async () => {
      await using closed = openOutboundHttp([]);
      const seen = server.requests;
      for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '127.1', '[::ffff:127.0.0.1]', '0.0.0.0']) {
        const result = await attempt(createHttpRequest(closed), { url: `http://${host}:${server.port}/` });
        assert.deepEqual([result.outcome, result.retryable], ['failed', false], host);
      }
      assert.equal(server.requests, seen);
    });

    it('refuses a public name with one private address among its own', async () => {
      await using closed = openOutboundHttp([], () =>
        Promise.resolve([
          { address: '93.184.215.14', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ]),
      );
      const result = await attempt(createHttpRequest(closed), { url: `http://rebind.example:${server.port}/` });
      assert.match(result.error ?? '', /rebind\.example is at 127\.0\.0\.1/);
    });

    it('refuses a name that became private since it was looked up before', async () => {
      const answers = ['93.184.215.14', '127.0.0.1'];
      const asked: string[] = [];
      const rebinding: ResolveName = (hostname) => {
        asked.push(hostname);
        return Promise.resolve([{ address: answers[asked.length - 1] ?? '127.0.0.1', family: 4 }]);
      };
      const first = await rebinding('rebind.example'); // what a check before the connection would have seen
      assert.equal(first[0]?.address, '93.184.215.14');
      await using closed = openOutboundHttp([], rebinding);
      const seen = server.requests;
      const result = await attempt(createHttpRequest(closed), { url: `http://rebind.example:${server.port}/` });
      assert.deepEqual([result.outcome, result.retryable, server.requests], ['failed', false, seen]);
      assert.equal(asked.length, 2, 'resolved once for the request, and the connection used that answer');
    });

    it('connects with the address that was checked, and asks once', async () => {
      let asked = 0;
      await using pinned = openOutboundHttp(
        [parseAllowedTarget('127.0.0.0/8') ?? assert.fail()],
        () => ((asked += 1), Promise.resolve([{ address: '127.0.0.1', family: 4 }])),
      );
      const result = await attempt(createHttpRequest(pinned), { url: `http://instrument.example:${server.port}/echo` });
      assert.equal(result.outcome, 'succeeded', result.error ?? '');
      assert.equal(echoOf(result).headers.host, `instrument.example:${server.port}`);
      assert.equal(asked, 1);
    });
  });
});

describe('notification.webhook', () => {
  it('posts the message with its task and occurrence', async () => {
    const server = await startServer(respond);
    await using http = clientFor(server);
    const hook = createNotificationWebhook(http);
    const result = await attempt(hook, { url: `${server.url}/echo`, message: 'Started', data: { n: 1 } });
    const posted = JSON.parse(server.lastBody) as object;
    await server.stop();
    assert.deepEqual(result.result, { status: 200 });
    assert.deepEqual(posted, {
      task: { id: '7', name: 'pH of batch 7', labels: { experiment: 'E-12' } },
      occurrence: { id: '7-1790000000000', scheduledTime: '2026-09-21T14:13:20.000Z', attempt: 1 },
      recipients: ['lab@example.org'],
      message: 'Started',
      data: { n: 1 },
    });
  });
});

describe('lab.measurement', () => {
  it('measures and analyses, on instruments that are sometimes busy and sometimes broken', async () => {
    await using simulator = await startInstrumentSimulator({ port: 0, slowness: 0.01 });
    await using http = openOutboundHttp([parseAllowedTarget(`127.0.0.1:${simulator.port}`) ?? assert.fail()]);
    const type = createLabMeasurement(http);
    const measure = (n: number, nth: number): Promise<AttemptResult> =>
      attempt(
        type,
        { instrument: `${simulator.url}/ph-meter/`, measurement: 'ph', samples: 50, unit: 'pH' },
        { idempotencyKey: `occurrence-${n}`, attempt: nth },
      );
    const first = await Promise.all(Array.from({ length: 200 }, (_, n) => measure(n, 1)));
    const failed = first.filter(({ outcome }) => outcome !== 'succeeded');
    assert.ok(failed.length > 0 && failed.length < 40, `${failed.length} of 200 failed`);
    assert.ok(failed.every(({ retryable }) => retryable));
    assert.ok(failed.some(({ error, retryAfterMs }) => (error ?? '').includes('busy') && retryAfterMs === 2_000));
    assert.ok(failed.some(({ error }) => (error ?? '').includes('lamp failed')));

    const second = await Promise.all(
      first.flatMap(({ outcome }, n) => (outcome === 'succeeded' ? [] : [measure(n, 2)])),
    );
    assert.ok(second.every(({ outcome }) => outcome === 'succeeded'));
    const { count, mean, unit } = second[0]?.result as { count: number; mean: number; unit: string };
    assert.deepEqual([count, unit, Math.abs(mean - 7.2) < 0.2], [50, 'pH', true]);
  });

  it('fails for good when the unit is another one or the instrument does not exist', async () => {
    await using simulator = await startInstrumentSimulator({ port: 0, slowness: 0 });
    await using http = openOutboundHttp([parseAllowedTarget(`127.0.0.1:${simulator.port}`) ?? assert.fail()]);
    const type = createLabMeasurement(http);
    const unit = await attempt(
      type,
      { instrument: `${simulator.url}/balance`, measurement: 'mass', unit: 'kg' },
      { attempt: 2 },
    );
    assert.deepEqual([unit.retryable, unit.error], [false, 'The instrument measures in mg, not in kg.']);
    const missing = await attempt(type, { instrument: `${simulator.url}/laser`, measurement: 'mass' });
    assert.deepEqual([missing.outcome, missing.retryable], ['failed', false]);
    const unknown = await attempt(type, { instrument: `${simulator.url}/balance`, measurement: 'constructor' });
    assert.deepEqual([unknown.outcome, unknown.retryable], ['failed', false]);
  });

  it('does not believe an instrument that answers with something else than numbers', async () => {
    const server = await startServer(respond);
    await using http = clientFor(server);
    for (const path of ['/text', '/not-numbers', '/no-values']) {
      const result = await attempt(createLabMeasurement(http), {
        instrument: `${server.url}${path}`,
        measurement: 'ph',
      });
      assert.equal(result.outcome, 'failed', path);
      assert.match(result.error ?? '', /did not answer with JSON|is not a reading/);
    }
    await server.stop();
  });
});

interface Echo {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

function echoOf(result: AttemptResult): Echo {
  assert.equal(result.outcome, 'succeeded', result.error ?? '');
  return JSON.parse((result.result as unknown as Kept).bodyPreview) as Echo;
}

interface TestServer {
  readonly url: string;
  readonly port: number;
  requests: number;
  lastBody: string;
  readonly hanging: Set<Socket>;
  stop(): Promise<void>;
}

async function startServer(
  listener: (server: TestServer, ...rest: Parameters<RequestListener>) => void,
): Promise<TestServer> {
  const server: Server = createServer((request, response) => {
    started.requests += 1;
    listener(started, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const started: TestServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: 0,
    lastBody: '',
    hanging: new Set(),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return started;
}

function allowedFor(server: TestServer) {
  return [parseAllowedTarget(`127.0.0.1:${server.port}`) ?? assert.fail()];
}

function clientFor(server: TestServer): OutboundHttp {
  return openOutboundHttp(allowedFor(server));
}

function respond(server: TestServer, request: IncomingMessage, response: Parameters<RequestListener>[1]): void {
  const url = new URL(request.url ?? '/', server.url);
  const [, first = '', second = ''] = url.pathname.split('/');
  const json = (body: unknown): void =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  switch (first) {
    case 'echo':
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        server.lastBody = body;
        json({ method: request.method, headers: request.headers, body });
      })();
      return;
    case 'status':
      response.writeHead(Number(second)).end(second === '204' ? undefined : 'no');
      return;
    case 'retry-after':
      response.writeHead(503, { 'retry-after': url.searchParams.get('value') ?? '' }).end();
      return;
    case 'redirect':
      response
        .writeHead(Number(url.searchParams.get('status') ?? 302), { location: url.searchParams.get('to') ?? '' })
        .end();
      return;
    case 'loop':
      response.writeHead(302, { location: '/loop' }).end();
      return;
    case 'endless': {
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
      return;
    }
    case 'binary':
      response.end(Buffer.from([0x61, 0x00, 0xff, 0x62]));
      return;
    case 'hang':
      server.hanging.add(request.socket);
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'short':
      response.writeHead(200, { 'content-length': '1000' }).write('x', () => request.socket.destroy());
      return;
    case 'upgrade':
      request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      return;
    case 'nonsense':
      request.socket.end('SSH-2.0-OpenSSH_9.2\r\n');
      return;
    case 'text':
      response.end('<html>');
      return;
    case 'not-numbers':
      json({ unit: 'pH', values: [7, 'NaN'] });
      return;
    case 'no-values':
      json({ unit: 'pH', values: [] });
      return;
    default:
      response.writeHead(404).end();
  }
}
