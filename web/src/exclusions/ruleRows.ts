import type { ExclusionRule } from '../api/shapes.ts';
import { keepInstant, type KeptInstant, keptInstant } from '../time/keptInstants.ts';
import { readWallTime } from '../time/readWallTime.ts';

/** In the order of the contract; people see Monday first. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** One exclusion as its fields hold it. */
export interface RuleRow {
  kind: ExclusionRule['kind'];
  /** YYYY-MM-DD. */
  date: string;
  /** For a range a wall-clock time as a `datetime-local` field gives it, for a weekly window a time of day. */
  from: string;
  until: string;
  weekdays: Weekday[];
  label: string;
  /** What the fields of a range stood for when they were filled. */
  kept: readonly KeptInstant[];
}

export interface RowProblem {
  readonly field: 'date' | 'from' | 'until' | 'weekdays' | 'label';
  readonly message: string;
}

const NIGHT = { from: '22:00', until: '06:00' } as const;

/** A new row; of one that was filled already, another kind keeps what still means something. */
export function rowOfKind(kind: RuleRow['kind'], today: string, before?: RuleRow): RuleRow {
  const date = before?.date ?? today;
  const label = before?.label ?? '';
  const weekdays = before?.weekdays ?? [...WEEKDAYS];
  switch (kind) {
    case 'date':
      return { kind, date, from: '', until: '', weekdays, label, kept: [] };
    case 'range':
      return { kind, date, from: `${date}T00:00`, until: `${date}T12:00`, weekdays, label, kept: [] };
    case 'weekly':
      return { kind, date, ...NIGHT, weekdays, label, kept: [] };
  }
}

export function rowOfRule(rule: ExclusionRule, zone: string): RuleRow {
  const label = rule.label ?? '';
  switch (rule.kind) {
    case 'date':
      return { kind: 'date', date: rule.date, from: '', until: '', weekdays: [...WEEKDAYS], label, kept: [] };
    case 'range': {
      const kept = [keepInstant('from', rule.from, zone), keepInstant('until', rule.until, zone)] as const;
      const [from, until] = kept;
      const date = from.text.slice(0, 10);
      return { kind: 'range', date, from: from.text, until: until.text, weekdays: [...WEEKDAYS], label, kept };
    }
    case 'weekly':
      return {
        kind: 'weekly',
        date: '',
        from: rule.from,
        until: rule.until,
        weekdays: [...rule.weekdays],
        label,
        kept: [],
      };
  }
}

/** What the row means, as good as its fields allow; only to be used when there are no problems. */
export function ruleOfRow(row: RuleRow, zone: string): { rule: ExclusionRule; problems: readonly RowProblem[] } {
  const label = row.label === '' ? null : row.label;
  switch (row.kind) {
    case 'date':
      return {
        rule: { kind: 'date', date: row.date, label },
        problems: /^\d{4}-\d{2}-\d{2}$/.test(row.date) ? [] : [{ field: 'date', message: 'Give a date.' }],
      };
    case 'range':
      return rangeOfRow(row, zone, label);
    case 'weekly': {
      const problems: RowProblem[] = [];
      if (row.weekdays.length === 0) problems.push({ field: 'weekdays', message: 'Choose at least one day.' });
      if (row.from === '') problems.push({ field: 'from', message: 'Give a time of day.' });
      if (row.until === '') problems.push({ field: 'until', message: 'Give a time of day.' });
      const weekdays = WEEKDAYS.filter((day) => row.weekdays.includes(day));
      return { rule: { kind: 'weekly', weekdays, from: row.from, until: row.until, label }, problems };
    }
  }
}

function rangeOfRow(row: RuleRow, zone: string, label: string | null) {
  const problems: RowProblem[] = [];
  const read = (field: 'from' | 'until') => {
    const kept = keptInstant(row.kept, field, row[field], zone);
    const reading = kept === undefined ? readWallTime(row[field], zone) : { at: kept };
    if (reading.problem !== undefined) problems.push({ field, message: reading.problem });
    return reading.at ?? '';
  };
  const [from, until] = [read('from'), read('until')];
  if (problems.length === 0 && Date.parse(until) <= Date.parse(from)) {
    problems.push({ field: 'until', message: 'The end must be after the start.' });
  }
  const rule: ExclusionRule = { kind: 'range', from, until, label };
  return { rule, problems };
}
