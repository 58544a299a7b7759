import type { RecordedRun, WorkerSample } from './product.ts';

export interface Peak {
  readonly name: string;
  readonly atMs: number;
}

export interface PeakFacts {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly peaks: readonly Peak[];
  readonly samples: readonly WorkerSample[];
  readonly runs: readonly RecordedRun[];
}

const START_WINDOW_MS = 10_000;
/** So long before a peak nothing of it is there yet. */
const QUIET_BEFORE_MS = 45_000;

/** Every bar with what was measured, good or not. */
export function judge(facts: PeakFacts): { readonly lines: readonly string[]; readonly isGood: boolean } {
  const bars = [
    ...startBars(facts),
    ...facts.peaks.flatMap((peak, index) => peakBars(facts, peak, index)),
    ...stopBars(facts),
  ];
  return {
    lines: bars.map(({ isMet, text }) => `${isMet ? 'ok    ' : 'FAILED'}  ${text}`),
    isGood: bars.every(({ isMet }) => isMet),
  };
}

interface Bar {
  readonly isMet: boolean;
  readonly text: string;
}

function startBars({ runs }: PeakFacts): Bar[] {
  const delays = runs.map(({ dueMs, startedMs }) => startedMs - dueMs).sort((a, b) => a - b);
  const inTime = delays.filter((delayMs) => delayMs <= START_WINDOW_MS).length;
  const worstMs = delays.at(-1) ?? Infinity;
  const share = ((100 * inTime) / Math.max(1, runs.length)).toFixed(2);
  return [
    {
      isMet: runs.length > 0 && worstMs <= START_WINDOW_MS,
      text: `${runs.length} occurrences, ${share} % started within 10 s, the last after ${seconds(worstMs)}, half of them within ${seconds(delays[delays.length >> 1] ?? Infinity)}`,
    },
  ];
}

function peakBars({ samples, peaks, untilMs, runs }: PeakFacts, { name, atMs }: Peak, index: number): Bar[] {
  const nextMs = (peaks[index + 1]?.atMs ?? untilMs + QUIET_BEFORE_MS) - QUIET_BEFORE_MS;
  const before = samples.findLast((sample) => sample.atMs <= atMs - QUIET_BEFORE_MS)?.ready ?? 0;
  const around = samples.filter((sample) => sample.atMs > atMs - QUIET_BEFORE_MS && sample.atMs <= nextMs);
  const firstMore = around.find((sample) => sample.ready > before);
  const atPeak = samples.findLast((sample) => sample.atMs <= atMs)?.ready ?? 0;
  const most = around.reduce((highest, { ready }) => Math.max(highest, ready), 0);
  const lastMore = around.findLast((sample) => sample.ready + sample.draining.length > before);
  const isGone = lastMore !== undefined && lastMore !== around.at(-1);
  const ofPeak = runs.filter((run) => run.dueMs === atMs);
  const worstMs = ofPeak.reduce((longest, run) => Math.max(longest, run.startedMs - run.dueMs), 0);
  return [
    {
      isMet: firstMore !== undefined && firstMore.atMs < atMs,
      text:
        `${name}: ${before} before, the first more was ready ` +
        (firstMore === undefined ? 'never' : `${seconds(atMs - firstMore.atMs)} before the peak`) +
        `, ${atPeak} at the peak, ${most} at most; ${ofPeak.length} starts, the last after ${seconds(worstMs)}`,
    },
    {
      isMet: isGone,
      text: `${name}: ${isGone ? `all of them gone ${seconds(lastMore.atMs - atMs)} after the peak` : 'they are not gone'}`,
    },
  ];
}

function stopBars({ samples, runs }: PeakFacts): Bar[] {
  const stopped = new Map<string, number>();
  for (const { draining } of samples)
    for (const { id, running } of draining) stopped.set(id, Math.max(stopped.get(id) ?? 0, running));
  const busy = [...stopped.values()].filter((running) => running > 0).length;
  const broken = runs.filter(({ outcome }) => outcome !== 'succeeded').length;
  const again = runs.filter(({ attempt }) => attempt > 1).length;
  return [
    {
      isMet: broken === 0 && again === 0,
      text: `${stopped.size} workers seen draining, ${busy} of them with work, which they finished; runs that did not succeed: ${broken}, repeated: ${again}`,
    },
  ];
}

/** One line for each ten seconds: what was planned, what was there, and how much of it worked. */
export function describeCurve(
  { fromMs, untilMs, peaks, samples }: PeakFacts,
  planned: readonly { readonly atMs: number; readonly planned: number }[],
): string {
  const STEP_MS = 10_000;
  const lines = ['', 'time    planned  ready  busy   (P planned, # busy, = ready)'];
  for (let atMs = fromMs; atMs < untilMs; atMs += STEP_MS) {
    const isHere = (sample: { readonly atMs: number }): boolean => sample.atMs >= atMs && sample.atMs < atMs + STEP_MS;
    const seen = samples.filter(isHere);
    const most = (values: readonly number[]): number => values.reduce((highest, value) => Math.max(highest, value), 0);
    const plan = most(planned.filter(isHere).map((sample) => sample.planned));
    const [ready, busy] = [most(seen.map((sample) => sample.ready)), most(seen.map((sample) => sample.busy))];
    const peak = peaks.find(isHere);
    const bar = Array.from({ length: Math.max(plan, ready) }, (_, place) => {
      if (place < busy) return '#';
      return place < ready ? '=' : 'P';
    }).join('');
    lines.push(
      [
        clock(atMs - fromMs).padEnd(8),
        String(plan).padStart(7),
        String(ready).padStart(7),
        String(busy).padStart(6),
        `   ${bar.padEnd(12)}`,
        peak === undefined ? '' : `<- ${peak.name}, ${clock(peak.atMs - fromMs)}`,
      ]
        .join('')
        .trimEnd(),
    );
  }
  return `${lines.join('\n')}\n`;
}

function clock(ms: number): string {
  const whole = Math.floor(ms / 1_000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : 'never';
}
