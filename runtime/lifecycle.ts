import { setMaxListeners } from 'node:events';

/** Within this time a repeated signal is the same request: npm passes on a Ctrl-C that the terminal has sent us already. */
const SAME_REQUEST_MS = 1_000;

/** Aborts on the first SIGTERM or SIGINT: time to drain. A second signal, a second or more later, ends the process at once. */
export function stopSignal(onFirst: (signalName: string) => void = () => undefined): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt >= SAME_REQUEST_MS) process.exit(name === 'SIGINT' ? 130 : 143);
      return;
    }
    firstAt = performance.now();
    onFirst(name);
    controller.abort();
  };
  setMaxListeners(0, controller.signal); // every loop of every service listens to it
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return controller.signal;
}

/** Aborts with the first of the signals; any number of loops may listen to it. */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const first = AbortSignal.any([...signals]);
  setMaxListeners(0, first);
  return first;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Runs services side by side until `signal` aborts. One that fails stops the others in good order; then its error is thrown.
 * Resolves or rejects only after all of them have ended.
 */
export async function runTogether(
  signal: AbortSignal,
  services: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController();
  const stop = anySignal([signal, failed.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    services.map((service) =>
      service(stop).catch((error: unknown) => {
        failures.push(error);
        failed.abort();
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}
