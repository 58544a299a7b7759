const MINUTES_OF_DAY = 24 * 60;
const FIXED_TIME = /^\s*(\d{1,2})\s+(\d{1,2}|\*)((?:\s+\S+){3})\s*$/;

/**
 * The same expression so many minutes later, or earlier; undefined where that is no plain change of its minute and hour: lists, steps and
 * ranges of them, and times that would move to another day.
 */
export function shiftCron(expression: string, minutes: number): string | undefined {
  const match = FIXED_TIME.exec(expression);
  if (match === null) return undefined;
  const [, minute = '', hour = '', days = ''] = match;
  if (Number(minute) > 59) return undefined;
  if (hour === '*') return `${(((Number(minute) + minutes) % 60) + 60) % 60} *${days}`;
  const time = Number(hour) * 60 + Number(minute) + minutes;
  if (Number(hour) > 23 || time < 0 || time >= MINUTES_OF_DAY) return undefined;
  return `${time % 60} ${Math.floor(time / 60)}${days}`;
}
