import type { TaskSummaryItem, TaskTypeInfo } from '../api/shapes.ts';

export interface RankedType extends TaskSummaryItem {
  readonly title: string;
  /** Average times runs: what the type cost over the year, in ms. */
  readonly totalMs: number;
  /** Its part of all execution time, 0 to 1. */
  readonly share: number;
  /** Failures among all ended attempts, 0 to 1; null when there were none. */
  readonly failureRatio: number | null;
}

export const TYPE_ORDERS = ['average', 'p95', 'total', 'runs', 'failures'] as const;
export type TypeOrder = (typeof TYPE_ORDERS)[number];

/** Types with what they cost, the largest first by the measure asked for: the bottleneck is on top. */
export function rankTypes(
  items: readonly TaskSummaryItem[],
  types: readonly TaskTypeInfo[],
  order: TypeOrder,
): readonly RankedType[] {
  const totals = items.map((item) => item.averageElapsedMs * item.runs);
  const allMs = totals.reduce((sum, totalMs) => sum + totalMs, 0);
  const ranked = items.map((item, place): RankedType => {
    const totalMs = totals[place] ?? 0;
    const attempts = item.runs + item.failures;
    return {
      ...item,
      title: types.find(({ name }) => name === item.taskType)?.title ?? item.taskType,
      totalMs,
      share: allMs === 0 ? 0 : totalMs / allMs,
      failureRatio: attempts === 0 ? null : item.failures / attempts,
    };
  });
  return ranked.sort((one, other) => measure(other, order) - measure(one, order));
}

function measure(type: RankedType, order: TypeOrder): number {
  switch (order) {
    case 'average':
      return type.averageElapsedMs;
    case 'p95':
      return type.p95Ms ?? -1;
    case 'total':
      return type.totalMs;
    case 'runs':
      return type.runs;
    case 'failures':
      return type.failures;
  }
}
