import type { ExclusionRule } from '../api/shapes.ts';

/** Windows of every week first, then days and stretches by their beginning. The place is the one that the calendar has them in. */
export function orderedRules(rules: readonly ExclusionRule[]): readonly { rule: ExclusionRule; place: number }[] {
  return rules.map((rule, place) => ({ rule, place })).sort((one, other) => keyOf(one.rule) - keyOf(other.rule));
}

function keyOf(rule: ExclusionRule): number {
  switch (rule.kind) {
    case 'weekly':
      return -Infinity;
    case 'date':
      return Date.parse(rule.date);
    case 'range':
      return Date.parse(rule.from);
  }
}
