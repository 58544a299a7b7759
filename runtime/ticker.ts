export interface TickerOptions {
  /** Rest between two turns. */
  readonly periodMs: number;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  /** Cuts the rest short when it rings. */
  readonly wake?: Wake;
}

/**
 * Runs `tick` again and again until `signal` aborts. Never overlaps itself; one bad tick does not end the loop.
 * A tick that answers `true` has more to do and is run again without a rest.
 */
export async function runTicker(tick: () => Promise<boolean>, options: TickerOptions): Promise<void> {
  const { periodMs, signal, wake } = options;
  while (!signal.aborted) {
    let more = false;
    try {
      more = await tick();
    } catch (error) {
      if (!isAborted(signal)) options.onError(error);
    }
    if (!more && !isAborted(signal)) await rest(periodMs, signal, wake);
  }
}

/** A bell between a listener and a loop: rung while the loop works, it is heard at the next rest. */
export class Wake {
  #rung = false;
  #listener: (() => void) | undefined;

  ring(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) this.#rung = true;
    else listener();
  }

  /** Calls `listener` at the next ring, at once if it rang while nobody listened. One listener at a time; the answer takes it back. */
  listen(listener: () => void): () => void {
    this.#listener = listener;
    if (this.#rung) {
      this.#rung = false;
      this.ring();
    }
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
    };
  }
}

/** Waits `ms` or until `signal` aborts or `wake` rings, whichever is first; never rejects, and leaves nothing on a long-lived signal. */
export function rest(ms: number, signal: AbortSignal, wake?: Wake): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    let forget = (): void => undefined;
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      forget();
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (wake !== undefined) forget = wake.listen(end);
  });
}

// A function, so that the compiler does not believe that the flag stays as it was before an await.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
