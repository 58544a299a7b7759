/** What the newest plan of one pool says, as every copy of the autoscaler keeps it in memory. */
export interface PlanView {
  readonly pool: string;
  /** What the scale target is asked for: the plan within its limits, lead time and a manual override included. */
  readonly wantedReplicas: number;
  /** What the formula alone asks for now. */
  readonly requiredInstances: number;
  /** `undefined` means "not known", never zero. */
  readonly readyReplicas: number | undefined;
  /** The most replicas that may be asked for. */
  readonly limit: number;
  /** When the plan was made. */
  readonly plannedAtMs: number;
  /** From each instant on, until the next: what will be asked for, in replicas. Ascending; the last one holds. */
  readonly horizon: readonly PlanPoint[];
  /** Name of the process that made the plan. */
  readonly generatedBy: string;
}

export interface PlanPoint {
  readonly atMs: number;
  readonly plannedInstances: number;
}

/** The side of the board that servers see. */
export interface PlanReader {
  /** `undefined` until there is a plan for this pool. */
  view(pool: string): PlanView | undefined;
  /** The present on the clock by which that plan was made, however this process's own clock is set; `undefined` like the view. */
  nowMs(pool: string): number | undefined;
  /** The pools that have a plan, in alphabetical order. */
  pools(): readonly string[];
  /** Calls `hear` after each new view; what comes back ends that. */
  watch(hear: (view: PlanView) => void): () => void;
}

/** Where the loop puts each plan as soon as it is made, and where whoever serves it looks. */
export class PlanBoard implements PlanReader {
  readonly #elapsedMs: () => number;
  readonly #entries = new Map<string, { readonly view: PlanView; readonly publishedAtMs: number }>();
  readonly #hearers = new Set<(view: PlanView) => void>();

  /** `elapsedMs` is a clock that only goes forward. */
  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs;
  }

  /** Replaces the view of its pool. */
  publish(view: PlanView): void {
    this.#entries.set(view.pool, { view, publishedAtMs: this.#elapsedMs() });
    for (const hear of [...this.#hearers]) hear(view);
  }

  view(pool: string): PlanView | undefined {
    return this.#entries.get(pool)?.view;
  }

  nowMs(pool: string): number | undefined {
    const entry = this.#entries.get(pool);
    return entry && entry.view.plannedAtMs + this.#elapsedMs() - entry.publishedAtMs;
  }

  pools(): readonly string[] {
    return [...this.#entries.keys()].sort();
  }

  watch(hear: (view: PlanView) => void): () => void {
    this.#hearers.add(hear);
    return () => void this.#hearers.delete(hear);
  }
}
