import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

interface Live {
  readonly paused: boolean;
  readonly setPaused: (paused: boolean) => void;
}

const LiveContext = createContext<Live>({ paused: false, setPaused: () => undefined });

/** Whether the pages refresh by themselves; a person may hold them still to read. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [paused, setPaused] = useState(false);
  const live = useMemo(() => ({ paused, setPaused }), [paused]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  return useContext(LiveContext);
}

/** The period for a query's `refetchInterval`, or false while updates are held. Hidden tabs do not poll at all. */
export function usePollMs(periodMs: number): number | false {
  return useLive().paused ? false : periodMs;
}
