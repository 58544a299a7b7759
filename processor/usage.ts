/** Measures what one attempt uses. `stop` must be called exactly once. */
interface UsageMeter {
  /** CPU time of the process since the start in ms, or null when another attempt ran in it meanwhile. */
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
  return new ProcessUsage(alone ? process.cpuUsage() : undefined, starts);
}

let running = 0;
let starts = 0;

class ProcessUsage implements UsageMeter {
  readonly #before: NodeJS.CpuUsage | undefined;
  readonly #start: number;

  constructor(before: NodeJS.CpuUsage | undefined, start: number) {
    this.#before = before;
    this.#start = start;
  }

  stop(): number | null {
    running -= 1;
    if (this.#before === undefined || starts !== this.#start) return null;
    const used = process.cpuUsage(this.#before);
    return (used.user + used.system) / MICROSECONDS_PER_MS;
  }
}

const MICROSECONDS_PER_MS = 1_000;
