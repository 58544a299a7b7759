import type { ExclusionRule } from '../core/task.ts';
import { type ExclusionRule as ExclusionRuleJson, WEEKDAYS } from './contract/exclusion.ts';
import { fromInstant, toInstant } from './instants.ts';

export function toExclusionRule(rule: ExclusionRuleJson): ExclusionRule {
  const label = rule.label ?? null;
  switch (rule.kind) {
    case 'date':
      return { kind: 'date', date: rule.date, label };
    case 'range':
      return { kind: 'range', fromMs: fromInstant(rule.from), untilMs: fromInstant(rule.until), label };
    case 'weekly':
      return {
        kind: 'weekly',
        weekdays: WEEKDAYS.flatMap((day, index) => (rule.weekdays.includes(day) ? [index] : [])),
        fromMinute: toMinutes(rule.from),
        untilMinute: toMinutes(rule.until),
        label,
      };
  }
}

export function toExclusionRuleJson(rule: ExclusionRule): ExclusionRuleJson {
  const { label } = rule;
  switch (rule.kind) {
    case 'date':
      return { kind: 'date', date: rule.date, label };
    case 'range':
      return { kind: 'range', from: toInstant(rule.fromMs), until: toInstant(rule.untilMs), label };
    case 'weekly':
      return {
        kind: 'weekly',
        weekdays: WEEKDAYS.filter((_, index) => rule.weekdays.includes(index)),
        from: toTimeOfDay(rule.fromMinute),
        until: toTimeOfDay(rule.untilMinute),
        label,
      };
  }
}

function toMinutes(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3, 5));
}

function toTimeOfDay(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
