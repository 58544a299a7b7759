import { DAY_MS } from '../core/duration.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { ExclusionRule } from '../core/task.ts';

/** Collects the rules of a file, equal ones once. */
export class RuleCollector {
  private readonly found = new Map<string, { readonly atMs: number; rule: ExclusionRule }>();

  /** Whole days from `fromMs` up to `untilMs`, both at midnight as if it were UTC. */
  addDates(fromMs: number, untilMs: number, label: string | null): void {
    for (let dayMs = fromMs; dayMs < untilMs; dayMs += DAY_MS) {
      const date = new Date(dayMs).toISOString().slice(0, 10);
      this.add(date, dayMs, { kind: 'date', date, label });
    }
  }

  addRange(fromMs: number, untilMs: number, label: string | null): void {
    this.add(`${fromMs} ${untilMs}`, fromMs, { kind: 'range', fromMs, untilMs, label });
  }

  /** In the order of their times. */
  rules(): readonly ExclusionRule[] {
    return [...this.found.values()].sort((a, b) => a.atMs - b.atMs).map(({ rule }) => rule);
  }

  private add(key: string, atMs: number, rule: ExclusionRule): void {
    const known = this.found.get(key);
    const label = joinLabels(known?.rule.label ?? null, rule.label);
    this.found.set(key, { atMs, rule: { ...rule, label } });
    if (this.found.size > MAX_RULES) {
      const message = `its events make more than ${MAX_RULES} days and ranges from a year ago to ten years ahead; split them into several calendars`;
      throw new InvalidInputError([{ path: 'ical', message }]);
    }
  }
}

const MAX_RULES = 5_000;
const MAX_LABEL = 200;

/** Two holidays may fall on one day. */
function joinLabels(known: string | null, label: string | null): string | null {
  if (known === null || label === null) return known ?? label;
  if (known.split(SEPARATOR).includes(label)) return known;
  const both = `${known}${SEPARATOR}${label}`;
  return both.length <= MAX_LABEL ? both : known;
}

const SEPARATOR = '; ';
