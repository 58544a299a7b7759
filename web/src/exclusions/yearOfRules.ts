import type { ExclusionRule } from '../api/shapes.ts';
import { formatDay } from '../time/formatInstant.ts';
import { instantToWallTime } from '../time/wallTime.ts';
import { WEEKDAYS } from './ruleRows.ts';
import { ruleText } from './ruleText.ts';

const DAY_MS = 86_400_000;

/** One local day of a year. */
export interface YearDay {
  /** YYYY-MM-DD. */
  readonly date: string;
  /** Whether all of it is left out, some of it, or nothing. */
  readonly extent: 'whole' | 'part' | 'free';
  /** What it is left out for. */
  readonly text: string;
}

/** Each day of a year, month by month, with what the rules leave out of it. */
export function yearOfRules(rules: readonly ExclusionRule[], zone: string, year: number): readonly YearDay[][] {
  const marks = new Map<string, { extent: 'whole' | 'part'; texts: string[] }>();
  const firstMs = Date.UTC(year, 0, 1);
  const endMs = Date.UTC(year + 1, 0, 1);
  const mark = (dayMs: number, extent: 'whole' | 'part', text: string) => {
    if (dayMs < firstMs || dayMs >= endMs) return;
    const date = isoDay(dayMs);
    const known = marks.get(date) ?? { extent, texts: [] };
    marks.set(date, {
      extent: known.extent === 'whole' ? 'whole' : extent,
      texts: known.texts.includes(text) ? known.texts : [...known.texts, text],
    });
  };
  for (const rule of rules) markRule(rule, { zone, firstMs, endMs }, mark);
  return Array.from({ length: 12 }, (_none, month) => {
    const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    return Array.from({ length: days }, (_empty, index) => {
      const dayMs = Date.UTC(year, month, index + 1);
      const date = isoDay(dayMs);
      const found = marks.get(date);
      const text = [formatDay(dayMs, 'UTC'), ...(found?.texts ?? [])].join(': ');
      return { date, extent: found?.extent ?? 'free', text };
    });
  });
}

/** Whether a rule has a say in a year. */
export function isOfYear(rule: ExclusionRule, zone: string, year: number): boolean {
  switch (rule.kind) {
    case 'weekly':
      return true;
    case 'date':
      return rule.date.startsWith(`${year}-`);
    case 'range':
      return (
        Number(localDay(rule.from, zone).slice(0, 4)) <= year && Number(localDay(rule.until, zone).slice(0, 4)) >= year
      );
  }
}

interface Year {
  readonly zone: string;
  readonly firstMs: number;
  readonly endMs: number;
}

type Mark = (dayMs: number, extent: 'whole' | 'part', text: string) => void;

/** Days are counted as if they were UTC: here they are names, not instants. */
function markRule(rule: ExclusionRule, { zone, firstMs, endMs }: Year, mark: Mark): void {
  const text = typeof rule.label === 'string' && rule.label !== '' ? rule.label : ruleText(rule, zone);
  switch (rule.kind) {
    case 'date':
      mark(Date.parse(rule.date), 'whole', text);
      return;
    case 'range': {
      const [from, until] = [rule.from, rule.until].map((at) =>
        Date.parse(`${instantToWallTime(Date.parse(at), zone)}Z`),
      );
      if (from === undefined || until === undefined) return;
      const start = Math.max(firstMs, floorToDay(from));
      for (let dayMs = start; dayMs < Math.min(until, endMs); dayMs += DAY_MS) {
        mark(dayMs, from <= dayMs && until >= dayMs + DAY_MS ? 'whole' : 'part', text);
      }
      return;
    }
    case 'weekly': {
      const allDay = rule.from === '00:00' && (rule.until === '24:00' || rule.until === '00:00');
      const overnight = rule.until <= rule.from && rule.until !== '00:00';
      for (let dayMs = firstMs - DAY_MS; dayMs < endMs; dayMs += DAY_MS) {
        if (!rule.weekdays.includes(WEEKDAYS[new Date(dayMs).getUTCDay()] ?? 'sun')) continue;
        mark(dayMs, allDay ? 'whole' : 'part', text);
        if (overnight) mark(dayMs + DAY_MS, 'part', text);
      }
    }
  }
}

function localDay(at: string, zone: string): string {
  return instantToWallTime(Date.parse(at), zone).slice(0, 10);
}

function floorToDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
