import { useSyncExternalStore } from 'react';

import { serverNowMs } from './serverClock.ts';

const PERIOD_MS = 1_000;
const listeners = new Set<() => void>();
let nowMs = serverNowMs();
let timer: number | undefined;

/** The server's now in epoch ms, renewed every second; one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

/** The end of the minute that now is in, as an ISO instant: a "now" for queries that does not change at every second. */
export function useCurrentMinute(): string {
  return new Date(Math.ceil(useNow() / 60_000) * 60_000).toISOString();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    nowMs = serverNowMs();
    timer = window.setInterval(tick, PERIOD_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

function tick(): void {
  nowMs = serverNowMs();
  for (const listener of listeners) listener();
}
