/** Common schedules, as a start: the expression stays in sight and can be changed. */
export const CRON_PRESETS = [
  { text: 'Every 5 minutes', expression: '*/5 * * * *' },
  { text: 'Hourly', expression: '0 * * * *' },
  { text: 'Daily', expression: '0 9 * * *' },
  { text: 'Weekdays', expression: '0 9 * * 1-5' },
  { text: 'Mondays', expression: '0 9 * * 1' },
  { text: 'Monthly', expression: '0 9 1 * *' },
] as const;

const ONE_TIME_A_DAY = /^\s*(\d{1,2})\s+(\d{1,2})((?:\s+\S+){3})\s*$/;

/** The time of day as `HH:MM` when the expression has exactly one; undefined when it is richer than that. */
export function timeOfCron(expression: string): string | undefined {
  const match = ONE_TIME_A_DAY.exec(expression);
  const [minute, hour] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || minute > 59 || hour > 23) return undefined;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** The same days at another time of day; an expression without exactly one time of day is left as it is. */
export function cronWithTime(expression: string, time: string): string {
  const match = ONE_TIME_A_DAY.exec(expression);
  const [hour, minute] = time.split(':').map(Number);
  if (match === null || hour === undefined || minute === undefined || Number.isNaN(hour + minute)) return expression;
  return `${minute} ${hour} ${(match[3] ?? '').trim()}`;
}
