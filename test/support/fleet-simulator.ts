/** One occurrence as it really is: what the fleet does not know before it has ended is how long it runs. */
export interface SimulatedRun {
  /** When it falls due, in ms. */
  readonly atMs: number;
  readonly durationMs: number;
  /** 0 is served first. */
  readonly priority?: number;
}

/**
 * A fleet that starts one occurrence at a time, slowly and plainly, to hold the planner's answers against. `capacity` says how many slots
 * take work in each second from 0 on, the last value for ever after. Slots that are too many go when they are idle; if none is, the one
 * that is busy longest takes nothing more. Waiting runs start by priority, then in the order given. Answers when each started, Infinity for never.
 */
export function simulateFleet(runs: readonly SimulatedRun[], capacity: readonly number[]): number[] {
  const starts = runs.map(() => Infinity);
  const arrivals = runs.map((run, index) => ({ ...run, index })).sort((a, b) => a.atMs - b.atMs || a.index - b.index);
  const waiting: typeof arrivals = [];
  const slots: { busyUntilMs: number }[] = [];
  let nowMs = Math.min(0, arrivals[0]?.atMs ?? 0);
  while (nowMs < Infinity) {
    while (arrivals[0] !== undefined && arrivals[0].atMs <= nowMs) waiting.push(...arrivals.splice(0, 1));
    const wanted = Number(capacity[Math.min(capacity.length - 1, Math.max(0, Math.floor(nowMs / 1_000)))]);
    while (slots.length < wanted) slots.push({ busyUntilMs: nowMs });
    while (slots.length > wanted) {
      const idle = slots.findIndex(({ busyUntilMs }) => busyUntilMs <= nowMs);
      const longest = Math.max(...slots.map(({ busyUntilMs }) => busyUntilMs));
      slots.splice(idle === -1 ? slots.findIndex(({ busyUntilMs }) => busyUntilMs === longest) : idle, 1);
    }
    for (let slot = idleOf(slots, nowMs); slot !== undefined && waiting.length > 0; slot = idleOf(slots, nowMs)) {
      const first = Math.min(...waiting.map(({ priority = 0 }) => priority));
      const [run] = waiting.splice(
        waiting.findIndex(({ priority = 0 }) => priority === first),
        1,
      );
      if (run === undefined) break;
      slot.busyUntilMs = nowMs + run.durationMs;
      starts[run.index] = nowMs;
    }
    nowMs = Math.min(
      arrivals[0]?.atMs ?? Infinity,
      waiting.length === 0 ? Infinity : Math.min(Infinity, ...slots.map(({ busyUntilMs }) => busyUntilMs)),
      nowMs < capacity.length * 1_000 ? (Math.floor(nowMs / 1_000) + 1) * 1_000 : Infinity,
    );
  }
  return starts;
}

function idleOf(slots: { busyUntilMs: number }[], nowMs: number): { busyUntilMs: number } | undefined {
  return slots.find(({ busyUntilMs }) => busyUntilMs <= nowMs);
}
