import { type Random, randomFrom } from './simulated-random.ts';

/** What falls due together, as the schedules say: known to everybody beforehand. */
export interface ScheduledRow {
  readonly second: number;
  readonly type: number;
  readonly count: number;
}

export interface SimulatedType {
  readonly meanMs: number;
  /** Coefficient of variation of the real durations. */
  readonly variation: number;
}

export interface Workload {
  readonly name: string;
  readonly seconds: number;
  readonly types: readonly SimulatedType[];
  /** By second. */
  readonly rows: readonly ScheduledRow[];
}

const HOUR = 3_600;
const THREE_HOURS = 3 * HOUR;

/** The fleet begins at nothing: no policy could have replicas for what falls due at once. */
const QUIET = 120;

/** Four workloads of steady and of sudden work, and the four of the requirements. All begin after two minutes without work. */
export function createWorkloads(seed: number): Workload[] {
  const all = [
    mixed(seed),
    perSecond(),
    long(),
    randomSchedules(seed),
    herds(),
    steady(),
    tenMinutes(),
    randomDay(seed),
  ];
  return all.map(({ rows, seconds, ...rest }) => ({
    ...rest,
    seconds: seconds + QUIET,
    rows: rows.map((row) => ({ ...row, second: row.second + QUIET })),
  }));
}

interface Recurring {
  readonly everySeconds: number;
  readonly offset?: number;
  readonly count: number;
  readonly meanMs: number;
  readonly variation?: number;
}

function recurring(name: string, seconds: number, schedules: readonly Recurring[]): Workload {
  const rows = schedules.flatMap(({ everySeconds, offset = 0, count }, type) =>
    Array.from({ length: Math.ceil((seconds - offset) / everySeconds) }, (_, turn) => ({
      second: offset + turn * everySeconds,
      type,
      count,
    })),
  );
  rows.sort((a, b) => a.second - b.second);
  return { name, seconds, types: schedules.map(({ meanMs, variation = 0.45 }) => ({ meanMs, variation })), rows };
}

/** Herds at each minute, five minutes, quarter of an hour and hour. */
function mixed(seed: number): Workload {
  const { next } = randomFrom(seed);
  const variation = (): number => 0.3 + 0.3 * next();
  const herd = (everySeconds: number, offset: number, parts: readonly (readonly [number, number])[]): Recurring[] =>
    parts.map(([count, meanMs]) => ({ everySeconds, offset, count, meanMs, variation: variation() }));
  return recurring('mixed', THREE_HOURS, [
    ...herd(60, 0, [
      [40, 400],
      [12, 2_000],
      [6, 6_000],
    ]),
    ...herd(300, 120, [
      [150, 1_000],
      [10, 20_000],
    ]),
    ...herd(900, 300, [
      [400, 1_500],
      [20, 45_000],
    ]),
    ...herd(HOUR, 600, [
      [2_000, 800],
      [300, 3_000],
      [40, 120_000],
    ]),
  ]);
}

function perSecond(): Workload {
  return recurring('persecond', THREE_HOURS, [
    { everySeconds: 1, count: 18, meanMs: 1_400 },
    { everySeconds: 60, offset: 9, count: 53, meanMs: 1_400 },
    { everySeconds: 60, offset: 10, count: 53, meanMs: 1_400 },
  ]);
}

function long(): Workload {
  return recurring('long', THREE_HOURS, [
    { everySeconds: 60, count: 60, meanMs: 25_000 },
    { everySeconds: 900, offset: 450, count: 60, meanMs: 120_000 },
    { everySeconds: 10, count: 5, meanMs: 4_000 },
  ]);
}

function randomSchedules(seed: number): Workload {
  const random = randomFrom(seed + 1);
  const schedules = Array.from({ length: 400 }, (): Recurring => {
    const everySeconds = random.pick([10, 15, 20, 30, 60, 120, 300, 600, 900, HOUR]);
    return {
      everySeconds,
      offset: Math.floor(random.next() * everySeconds),
      count: 1 + Math.floor(random.next() * 6),
      meanMs: Math.round(Math.min(30_000, random.lognormal(6_000, 1))),
      variation: 0.3 + 0.3 * random.next(),
    };
  });
  return recurring('random', THREE_HOURS, schedules);
}

function herds(): Workload {
  const { rows, types, ...rest } = recurring('20/min 60/5min 300/h +750', THREE_HOURS, [
    { everySeconds: 60, count: 20, meanMs: 2_000 },
    { everySeconds: 300, count: 60, meanMs: 3_000 },
    { everySeconds: HOUR, count: 300, meanMs: 4_000 },
  ]);
  const once = { second: 5_400 + 30, type: types.length, count: 750 };
  return {
    ...rest,
    types: [...types, { meanMs: 5_000, variation: 0.45 }],
    rows: [...rows, once].sort((a, b) => a.second - b.second),
  };
}

function steady(): Workload {
  return recurring('4 x 4 s each second', THREE_HOURS, [{ everySeconds: 1, count: 4, meanMs: 4_000 }]);
}

function tenMinutes(): Workload {
  return recurring('6 x 60 s each 10 min', THREE_HOURS, [{ everySeconds: 600, offset: 300, count: 6, meanMs: 60_000 }]);
}

/** 300 at once, 100 at once, and the rest anywhere. */
function randomDay(seed: number): Workload {
  const random = randomFrom(seed + 2);
  const types = [1_000, 3_000, 10_000, 45_000].map((meanMs) => ({ meanMs, variation: 0.45 }));
  const anywhere = Array.from({ length: 600 }, () => ({
    second: Math.floor(random.next() * 24 * HOUR),
    type: Math.floor(random.next() * types.length),
    count: 1,
  }));
  const rows = [...anywhere, { second: 8 * HOUR, type: 1, count: 300 }, { second: 13 * HOUR, type: 1, count: 100 }];
  return { name: 'a day of 1,000', seconds: 24 * HOUR, types, rows: rows.sort((a, b) => a.second - b.second) };
}

/** The occurrences one by one, in the order in which they are started, each with how long it really runs. */
export interface Occurrences {
  readonly length: number;
  readonly second: Int32Array;
  readonly type: Int32Array;
  readonly durationS: Float64Array;
}

export function realise(workload: Workload, random: Random, stretch: number): Occurrences {
  const { rows, types } = workload;
  const meanOf = (type: number): number => types[type]?.meanMs ?? 0;
  const ordered = [...rows].sort((a, b) => a.second - b.second || meanOf(a.type) - meanOf(b.type) || a.type - b.type);
  const length = rows.reduce((sum, { count }) => sum + count, 0);
  const result = {
    length,
    second: new Int32Array(length),
    type: new Int32Array(length),
    durationS: new Float64Array(length),
  };
  let index = 0;
  for (const { second, type, count } of ordered) {
    const { meanMs, variation } = types[type] ?? { meanMs: 0, variation: 0 };
    for (let n = 0; n < count; n += 1, index += 1) {
      result.second[index] = second;
      result.type[index] = type;
      result.durationS[index] = (stretch * random.lognormal(meanMs, variation)) / 1_000;
    }
  }
  return result;
}
