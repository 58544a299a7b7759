import { formatClock, formatOffset } from './formatInstant.ts';
import { wallTimeToInstant } from './wallTime.ts';

export type WallReading =
  { readonly at: string; readonly problem?: never } | { readonly at?: never; readonly problem: string };

/** The instant that a field's wall-clock time means, or why it means none. Of a time that comes twice, `which` is meant. */
export function readWallTime(text: string, zone: string, which: 'first' | 'second' = 'first'): WallReading {
  const instant = wallTimeToInstant(text, zone);
  switch (instant.kind) {
    case 'unreadable':
      return { problem: 'Give a date and a time.' };
    case 'gap':
      return {
        problem: `This time does not exist in ${zone}: the clock jumps over it, to ${formatClock(instant.ms, zone)} ${formatOffset(instant.ms, zone)}.`,
      };
    case 'fold':
      return { at: new Date(which === 'second' ? instant.secondMs : instant.ms).toISOString() };
    case 'unique':
      return { at: new Date(instant.ms).toISOString() };
  }
}
