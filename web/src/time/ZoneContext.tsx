import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

import { readChoice, writeChoice } from '../components/storedChoice.ts';

/** Whose clock the pages show: the task's own zone where there is one, this browser's, or UTC. */
export const ZONE_MODES = ['task', 'mine', 'utc'] as const;
export type ZoneMode = (typeof ZONE_MODES)[number];

interface Zone {
  readonly mode: ZoneMode;
  readonly mine: string;
  readonly setMode: (mode: ZoneMode) => void;
}

const STORAGE_KEY = 'almanac-zone';
export const MY_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const ZoneContext = createContext<Zone>({ mode: 'task', mine: MY_ZONE, setMode: () => undefined });

/** `?tz=utc` in a shared link wins over what this browser remembers. */
export function ZoneProvider({ children }: { readonly children: ReactNode }) {
  const [mode, setModeState] = useState<ZoneMode>(() => {
    const asked = new URLSearchParams(window.location.search).get('tz');
    return ZONE_MODES.find((one) => one === asked) ?? readChoice(STORAGE_KEY, ZONE_MODES, 'task');
  });
  const zone = useMemo<Zone>(
    () => ({
      mode,
      mine: MY_ZONE,
      setMode: (next) => {
        writeChoice(STORAGE_KEY, next);
        setModeState(next);
      },
    }),
    [mode],
  );
  return <ZoneContext value={zone}>{children}</ZoneContext>;
}

export function useZoneMode(): Zone {
  return useContext(ZoneContext);
}

/** The zone to show an instant in; `taskZone` is the zone of the task that it belongs to, where that is known. */
export function useZone(taskZone?: string | null): string {
  const { mode, mine } = useZoneMode();
  if (mode === 'utc') return 'UTC';
  return mode === 'task' ? (taskZone ?? mine) : mine;
}
