import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

interface InstrumentSimulator extends AsyncDisposable {
  /** Base address; an instrument is at `<url>/<instrument>`. */
  readonly url: string;
  readonly port: number;
}

interface SimulatorOptions {
  /** 0 takes a free port. */
  readonly port?: number;
  /** Another seed is another day. */
  readonly seed?: number;
  /** Multiplies every wait; 0 answers at once. */
  readonly slowness?: number;
}

/**
 * Serves a small laboratory's instruments on 127.0.0.1. Each takes its time, is now and then slow, sometimes busy (503 or 409, with
 * Retry-After) and rarely broken (500). Which of these follows from the seed, the Idempotency-Key and the attempt alone: the same
 * request is always answered alike, and its repetition with a higher X-Attempt fares better.
 */
export async function startInstrumentSimulator(options: SimulatorOptions = {}): Promise<InstrumentSimulator> {
  const server = createServer((request, response) => {
    answer(request, response, options.seed ?? 1, options.slowness ?? 1).catch(() => response.destroy());
  });
  server.listen(options.port ?? DEFAULT_PORT, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, [Symbol.asyncDispose]: () => close(server) };
}

const DEFAULT_PORT = 7480;
const MAX_BODY_BYTES = 10_000;

interface Instrument {
  readonly unit: string;
  readonly mean: number;
  readonly deviation: number;
  /** Of one measurement, most of the time. */
  readonly typicalMs: number;
}

/** What can be measured, by instrument and measurement. */
const INSTRUMENTS: ReadonlyMap<string, ReadonlyMap<string, Instrument>> = new Map(
  Object.entries({
    'ph-meter': { ph: { unit: 'pH', mean: 7.2, deviation: 0.05, typicalMs: 180 } },
    'plate-reader': {
      absorbance: { unit: 'AU', mean: 0.82, deviation: 0.04, typicalMs: 450 },
      fluorescence: { unit: 'RFU', mean: 15_200, deviation: 480, typicalMs: 600 },
    },
    incubator: {
      temperature: { unit: '°C', mean: 37, deviation: 0.1, typicalMs: 60 },
      co2: { unit: '%', mean: 5, deviation: 0.08, typicalMs: 60 },
    },
    balance: { mass: { unit: 'mg', mean: 250.4, deviation: 0.3, typicalMs: 120 } },
    freezer: { temperature: { unit: '°C', mean: -80, deviation: 0.6, typicalMs: 40 } },
  }).map(([name, measurements]) => [name, new Map(Object.entries(measurements))]),
);

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seed: number,
  slowness: number,
): Promise<void> {
  const match = /^\/([a-z-]+)\/measurements$/.exec(request.url ?? '');
  const measurements = match?.[1] === undefined ? undefined : INSTRUMENTS.get(match[1]);
  if (measurements === undefined) {
    send(response, 404, { error: 'There is no such instrument.' });
    return;
  }
  if (request.method !== 'POST') {
    send(response, 405, { error: 'Measurements are made with POST.' });
    return;
  }

  const asked = await readBody(request);
  const instrument = asked === undefined ? undefined : measurements.get(asked.measurement);
  if (asked === undefined || instrument === undefined) {
    send(response, 400, { error: `It measures ${[...measurements.keys()].join(' and ')}.` });
    return;
  }

  const key = request.headers['idempotency-key'] ?? 'none';
  const attempt = Number(request.headers['x-attempt'] ?? 1);
  const random = generator(`${seed}/${request.url ?? ''}/${asked.measurement}/${String(key)}/${attempt}`);
  const luck = random() / Math.max(1, attempt); // later attempts fare better
  if (luck > 0.985) {
    send(response, 500, { error: 'The lamp failed its self-test.' });
    return;
  }
  if (luck > 0.94) {
    send(response, luck > 0.965 ? 503 : 409, { error: 'Another sample is being read.' }, 2);
    return;
  }

  const slow = random() < 0.04 ? 6 : 1;
  await sleep(instrument.typicalMs * (0.7 + 0.6 * random()) * slow * slowness);
  const values = Array.from({ length: asked.samples }, () => valueOf(instrument, random));
  send(response, 200, { unit: instrument.unit, measuredAt: new Date().toISOString(), values });
}

/** Roughly normal; one value in three hundred is far off, as if a bubble had passed. */
function valueOf(instrument: Instrument, random: () => number): number {
  const normal = Array.from({ length: 12 }, random).reduce((sum, part) => sum + part, -6);
  const bubble = random() < 1 / 300 ? 8 : 0;
  return Number((instrument.mean + instrument.deviation * (normal + bubble)).toFixed(4));
}

async function readBody(request: IncomingMessage): Promise<{ measurement: string; samples: number } | undefined> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) return undefined;
  }
  try {
    const { measurement, samples } = JSON.parse(text) as { measurement?: unknown; samples?: unknown };
    if (typeof measurement !== 'string') return undefined;
    const count = typeof samples === 'number' && Number.isInteger(samples) ? samples : 20;
    return { measurement, samples: Math.min(10_000, Math.max(1, count)) };
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: unknown, retryAfterSeconds?: number): void {
  const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  response.writeHead(status, { 'content-type': 'application/json', ...retryAfter }).end(JSON.stringify(body));
}

/** Numbers in [0, 1) that follow from a text (FNV-1a into mulberry32). */
function generator(text: string): () => number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const simulator = await startInstrumentSimulator({ port: Number(process.env.PORT ?? DEFAULT_PORT) });
  console.log(`Instruments at ${simulator.url}`);
}
