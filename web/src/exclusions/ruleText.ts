import type { ExclusionRule } from '../api/shapes.ts';
import { formatClock, formatDay } from '../time/formatInstant.ts';
import { isSameDay } from '../time/zonedParts.ts';
import type { Weekday } from './ruleRows.ts';

export const WEEKDAY_NAMES: Readonly<Record<Weekday, string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
};
/** As people see a week. */
export const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies readonly Weekday[];

/** When nothing runs because of the rule, in words; without its label. */
export function ruleText(rule: ExclusionRule, zone: string): string {
  switch (rule.kind) {
    case 'date':
      return formatDay(Date.parse(`${rule.date}T00:00:00Z`), 'UTC');
    case 'range': {
      const [fromMs, untilMs] = [Date.parse(rule.from), Date.parse(rule.until)];
      const end = formatClock(untilMs, zone);
      return isSameDay(fromMs, untilMs, zone)
        ? `${formatDay(fromMs, zone)}, ${formatClock(fromMs, zone)} to ${end}`
        : `${formatDay(fromMs, zone)}, ${formatClock(fromMs, zone)} to ${formatDay(untilMs, zone)}, ${end}`;
    }
    case 'weekly':
      return `${daysText(rule.weekdays)}, ${windowText(rule)}`;
  }
}

/** `Mon to Fri`, `Sat and Sun`, `every day`. */
export function daysText(weekdays: readonly Weekday[]): string {
  const places = WEEK.flatMap((day, place) => (weekdays.includes(day) ? [place] : []));
  if (places.length === 7) return 'every day';
  const names = places.map((place) => WEEKDAY_NAMES[WEEK[place] ?? 'mon']);
  const [first, last] = [names[0] ?? '', names.at(-1) ?? ''];
  const inOneRow = places.every((place, index) => index === 0 || place === (places[index - 1] ?? 0) + 1);
  if (inOneRow && names.length > 2) return `${first} to ${last}`;
  return names.length < 2 ? first : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function windowText({ from, until }: { readonly from: string; readonly until: string }): string {
  if (from === '00:00' && (until === '24:00' || until === '00:00')) return 'all day';
  const overnight = until <= from && until !== '00:00';
  return `${from} to ${until === '00:00' ? '24:00' : until}${overnight ? ' on the next day' : ''}`;
}
