import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `check` again and again until it neither throws nor returns `false`, and returns what it returned.
 * After `timeoutMs` it throws what `check` threw last. For asserting what must become true; never for waiting a fixed time.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly periodMs?: number } = {},
): Promise<Exclude<T, false>> {
  const { timeoutMs = 15_000, periodMs = 20 } = options;
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== false) return result as Exclude<T, false>;
      failure = new Error('The condition stayed false.');
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadlineMs) {
      if (failure instanceof Error) failure.message += ` (waited ${timeoutMs} ms for it)`;
      throw failure;
    }
    await pause(periodMs);
  }
}
