import { PlanBoard, type PlanView } from '../../autoscaler/plan-view.ts';

export const NOW_MS = Date.parse('2026-11-21T12:00:00Z');

/** A fresh plan of the pool `default` that wants three replicas and goes on with them. */
export function planView(more: Partial<PlanView> = {}): PlanView {
  const wantedReplicas = more.wantedReplicas ?? 3;
  return {
    pool: 'default',
    wantedReplicas,
    requiredInstances: 2,
    readyReplicas: 1,
    limit: 100,
    plannedAtMs: NOW_MS,
    horizon: [{ atMs: NOW_MS, plannedInstances: wantedReplicas }],
    generatedBy: 'test',
    ...more,
  };
}

/** A horizon from pairs of seconds after `NOW_MS` and replicas. */
export function horizon(...points: readonly (readonly [number, number])[]): PlanView['horizon'] {
  return points.map(([second, plannedInstances]) => ({ atMs: NOW_MS + second * 1_000, plannedInstances }));
}

/** A board with these plans, on a clock that a test moves. */
export function boardWith(...views: readonly PlanView[]): PlanBoard & { later(ms: number): void } {
  let elapsedMs = 0;
  const board = new PlanBoard(() => elapsedMs);
  for (const view of views) board.publish(view);
  return Object.assign(board, { later: (ms: number) => void (elapsedMs += ms) });
}
