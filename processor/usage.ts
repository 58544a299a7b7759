/** Measures what one attempt uses. `stop` must be called exactly once. */
interface UsageMeter {
  /** CPU time of the process since the start in ms, to about a ms, or null when another attempt ran in it meanwhile. */
  stop(): number | null;
}

/**
 * Starts measuring. The operating system counts CPU time by process, so the count belongs to an attempt only while it is alone:
 * that is counted here, once for the process, like the CPU time itself.
 */
export function startUsage(): UsageMeter {
  const alone = running === 0;
  running += 1;
  starts += 1;
  return new ProcessUsage(alone, starts);
}

/** Asking the operating system costs more than many an attempt, so an answer this young is used again. */
const FRESH_MS = 1;
const MICROSECONDS_PER_MS = 1_000;

let running = 0;
let starts = 0;
let answeredMs = -Infinity;
let answer = 0;

class ProcessUsage implements UsageMeter {
  readonly #before: number | undefined;
  readonly #startMs: number;
  readonly #start: number;

  constructor(alone: boolean, start: number) {
    this.#startMs = performance.now();
    this.#before = alone ? cpuMs(this.#startMs) : undefined;
    this.#start = start;
  }

  stop(): number | null {
    running -= 1;
    if (this.#before === undefined || starts !== this.#start) return null;
    const nowMs = performance.now();
    // Within one stretch of the event loop, time that passes is time that is used.
    if (nowMs - this.#startMs < FRESH_MS) return nowMs - this.#startMs;
    return Math.max(0, cpuMs(nowMs) - this.#before);
  }
}

function cpuMs(nowMs: number): number {
  if (nowMs - answeredMs >= FRESH_MS) {
    const { user, system } = process.cpuUsage();
    answeredMs = nowMs;
    answer = (user + system) / MICROSECONDS_PER_MS;
  }
  return answer;
}
