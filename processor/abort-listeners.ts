/**
 * Calls `listener` when `signal` aborts, once. Thousands of attempts share one signal, and its own list of listeners is searched from
 * the front at each removal; here all share one listener and a set. Returns the function that takes the listener back.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let listeners = listenersOf.get(signal);
  if (listeners === undefined) {
    const made = new Set<() => void>();
    listeners = made;
    listenersOf.set(signal, made);
    signal.addEventListener('abort', () => callAll(made), { once: true });
  }
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

function callAll(listeners: Set<() => void>): void {
  const called = [...listeners];
  listeners.clear();
  for (const listener of called) listener();
}
