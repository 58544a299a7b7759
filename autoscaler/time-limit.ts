/** A signal that aborts with any of its sources, or when its time is over; disposing it lets go of the sources. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** Whether it was the clock, and not a source, that aborted it. */
  isOver(): boolean;
}

/**
 * Like `AbortSignal.any` with `AbortSignal.timeout`, but nothing stays registered with a long-lived source after disposal:
 * `AbortSignal.any` leaves an entry there for every call, which adds up in a process that runs for months.
 */
export function timeLimit(limitMs: number, ...sources: readonly AbortSignal[]): TimeLimit {
  const controller = new AbortController();
  const over = new Error(`No answer within ${limitMs} ms.`);
  const forward = (event: Event): void => {
    controller.abort((event.target as AbortSignal).reason);
  };
  const timer = setTimeout(() => controller.abort(over), limitMs);
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason);
    else source.addEventListener('abort', forward, { once: true });
  }
  return {
    signal: controller.signal,
    limitMs,
    isOver: () => controller.signal.reason === over,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const source of sources) source.removeEventListener('abort', forward);
    },
  };
}
