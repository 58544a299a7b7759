import type { DurationStatistics } from './duration-statistics.ts';

/** So many runs of today say more than what was before. */
const RUNS_THAT_REPLACE = 50;
const RECENT_RUNS = 200;
/** After so many more runs it is measured anew. */
const MEASURE_AFTER = 50;

interface Learnt {
  runs: number[];
  unmeasured: number;
}

/** How long the runs of each type take, as somebody knows it who began with what was known before and sees runs end. */
export class LearntDurations {
  readonly #known: Map<string, DurationStatistics>;
  readonly #learnt = new Map<string, Learnt>();

  constructor(knownBefore: ReadonlyMap<string, DurationStatistics>) {
    this.#known = new Map(knownBefore);
  }

  get statistics(): ReadonlyMap<string, DurationStatistics> {
    return this.#known;
  }

  /** 0 for a type of which nothing is known. */
  meanMs(taskType: string): number {
    return this.#known.get(taskType)?.meanMs ?? 0;
  }

  add(taskType: string, durationMs: number): void {
    const learnt = this.#learnt.get(taskType) ?? { runs: [], unmeasured: 0 };
    this.#learnt.set(taskType, learnt);
    learnt.runs.push(durationMs);
    learnt.unmeasured += 1;
    if (learnt.runs.length < RUNS_THAT_REPLACE || learnt.unmeasured < MEASURE_AFTER) return;
    learnt.runs = learnt.runs.slice(-RECENT_RUNS);
    learnt.unmeasured = 0;
    this.#known.set(taskType, statisticsOf(learnt.runs));
  }
}

/** Of one run at least. */
export function statisticsOf(runsMs: readonly number[]): DurationStatistics {
  const count = runsMs.length;
  const meanMs = runsMs.reduce((sum, runMs) => sum + runMs, 0) / count;
  const varianceMs2 = runsMs.reduce((sum, runMs) => sum + (runMs - meanMs) ** 2, 0) / count;
  const p90Ms = Number([...runsMs].sort((a, b) => a - b)[Math.floor(count * 0.9)]);
  return { count, meanMs, varianceMs2, p90Ms };
}
