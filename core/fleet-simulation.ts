import { SECOND_MS } from './duration.ts';
import { EventHeap } from './event-heap.ts';

/** Occurrences in columns, in the order in which they are started; instants from the begin of the simulation on. */
export interface SimulatedOccurrences {
  readonly length: number;
  readonly atMs: ArrayLike<number>;
  readonly type: ArrayLike<number>;
  /** How long it really runs, which nobody knows before it has ended. */
  readonly durationMs: ArrayLike<number>;
}

/** What a policy may look at: what a real one could read from the queue, the cluster and the database. */
export interface FleetView {
  /** Occurrences that wait: those from `queueHead` up to `queueTail`, in order. */
  readonly queueHead: number;
  readonly queueTail: number;
  /** Free slots of the replicas that take work, and the replicas among them that run something. */
  readonly idle: number;
  readonly busyReplicas: number;
  /** What runs in replicas that go on: when it began. Those that drain are not among them. */
  running(): readonly { readonly type: number; readonly startedMs: number }[];
  readonly runningCount: number;
  /** When each replica was asked for that is not ready yet. */
  starting(): readonly number[];
  readonly startingCount: number;
  /** What has ended since it was last asked, with how long it took. */
  takeEnded(): readonly { readonly type: number; readonly durationMs: number }[];
}

/** Replicas wanted from now on; `undefined` leaves it as it is. Asked once a second. */
export type FleetPolicy = (nowMs: number, fleet: FleetView) => number | undefined;

export interface FleetConditions {
  readonly slotsPerReplica: number;
  /** How long a replica takes to start that is asked for now; called once for each. */
  readonly startUpMs: (nowMs: number) => number;
  /** Replicas that are ready at the begin. */
  readonly initialReplicas: number;
}

interface SimulatedReplica {
  running: number;
  busyUntilMs: number;
  draining: boolean;
  /** Whether it is among those that have a free slot. */
  listed: boolean;
}

/**
 * A fleet of replicas, played through event by event. A replica takes its time to start. Of those too many, first the ones that start go,
 * then idle ones, then the busy ones that will be done first; they finish their runs. A new run goes to a replica that has just become
 * free. It can be played in parts.
 */
export class FleetSimulation implements FleetView {
  readonly #occurrences: SimulatedOccurrences;
  readonly #decide: FleetPolicy;
  readonly #conditions: FleetConditions;
  readonly #busy = new EventHeap<{ readonly index: number; readonly replica: SimulatedReplica }>();
  readonly #starting = new EventHeap<number>();
  readonly #replicas = new Set<SimulatedReplica>();
  readonly #open: SimulatedReplica[] = [];
  readonly #startedMs: Float64Array;
  #ended: { type: number; durationMs: number }[] = [];
  #nowMs = 0;
  #head = 0;
  #tail = 0;
  #running = 0;
  #busyReplicas = 0;
  #draining = 0;
  #wanted: number;
  #changes = 0;

  /** Replicas that take work, and all that cost something: from when they are asked for until they are gone. By second, at its end. */
  readonly readyPerSecond: number[] = [];
  readonly paidPerSecond: number[] = [];
  /** How long each occurrence waited after its time; Infinity for those that have not started. */
  readonly delayMs: Float64Array;

  constructor(occurrences: SimulatedOccurrences, decide: FleetPolicy, conditions: FleetConditions) {
    this.#occurrences = occurrences;
    this.#decide = decide;
    this.#conditions = conditions;
    this.#startedMs = new Float64Array(occurrences.length);
    this.delayMs = new Float64Array(occurrences.length).fill(Infinity);
    this.#wanted = conditions.initialReplicas;
    for (let count = 0; count < conditions.initialReplicas; count += 1) this.#addReplica();
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How often the policy wanted another number than before. */
  get changes(): number {
    return this.#changes;
  }

  get queueHead(): number {
    return this.#head;
  }

  get queueTail(): number {
    return this.#tail;
  }

  get idle(): number {
    return this.#replicas.size * this.#conditions.slotsPerReplica - this.#running;
  }

  get busyReplicas(): number {
    return this.#busyReplicas;
  }

  get runningCount(): number {
    return this.#running;
  }

  get startingCount(): number {
    return this.#starting.size;
  }

  running(): { readonly type: number; readonly startedMs: number }[] {
    return this.#busy
      .values()
      .filter(({ replica }) => !replica.draining)
      .map(({ index }) => ({ type: this.#typeOf(index), startedMs: Number(this.#startedMs[index]) }));
  }

  starting(): number[] {
    return this.#starting.values();
  }

  takeEnded(): { readonly type: number; readonly durationMs: number }[] {
    const taken = this.#ended;
    this.#ended = [];
    return taken;
  }

  get isAllStarted(): boolean {
    return this.#head === this.#occurrences.length;
  }

  /** Plays on to an instant, in whole seconds. */
  advance(untilMs: number): void {
    for (; this.#nowMs < untilMs; this.#nowMs += SECOND_MS) {
      const decided = this.#decide(this.#nowMs, this) ?? this.#wanted;
      if (decided !== this.#wanted) this.#changes += 1;
      this.#wanted = decided;
      this.#scale();
      this.#playSecond(this.#nowMs + SECOND_MS);
      this.readyPerSecond.push(this.#replicas.size);
      this.paidPerSecond.push(this.#replicas.size + this.#starting.size + this.#draining);
    }
  }

  #playSecond(untilMs: number): void {
    for (;;) {
      const [arrivalMs, readyMs, endMs] = [this.#nextArrivalMs(), this.#starting.nextMs, this.#busy.nextMs];
      const atMs = Math.min(arrivalMs, readyMs, endMs);
      if (atMs >= untilMs) return;
      if (arrivalMs === atMs) this.#tail += 1;
      else if (readyMs === atMs) {
        this.#starting.pop();
        this.#addReplica();
      } else this.#endRun();
      this.#serve(atMs);
    }
  }

  #nextArrivalMs(): number {
    return this.#tail < this.#occurrences.length ? Number(this.#occurrences.atMs[this.#tail]) : Infinity;
  }

  #addReplica(): void {
    const replica = { running: 0, busyUntilMs: 0, draining: false, listed: true };
    this.#replicas.add(replica);
    this.#open.push(replica);
  }

  #endRun(): void {
    const { index, replica } = this.#busy.pop();
    replica.running -= 1;
    if (replica.draining) {
      if (replica.running === 0) this.#draining -= 1;
      return;
    }
    this.#running -= 1;
    if (replica.running === 0) this.#busyReplicas -= 1;
    this.#ended.push({ type: this.#typeOf(index), durationMs: Number(this.#occurrences.durationMs[index]) });
    if (replica.listed) return;
    replica.listed = true;
    this.#open.push(replica);
  }

  #serve(atMs: number): void {
    while (this.#head < this.#tail) {
      const replica = this.#open.at(-1);
      if (replica === undefined) return;
      if (replica.draining) this.#open.pop();
      else this.#start(replica, atMs);
    }
  }

  #start(replica: SimulatedReplica, atMs: number): void {
    const index = this.#head;
    const endMs = atMs + Number(this.#occurrences.durationMs[index]);
    this.delayMs[index] = Math.max(0, atMs - Number(this.#occurrences.atMs[index]));
    this.#startedMs[index] = atMs;
    this.#head += 1;
    this.#running += 1;
    if (replica.running === 0) this.#busyReplicas += 1;
    replica.running += 1;
    replica.busyUntilMs = replica.running === 1 ? endMs : Math.max(replica.busyUntilMs, endMs);
    this.#busy.push(endMs, { index, replica });
    if (replica.running < this.#conditions.slotsPerReplica) return;
    replica.listed = false;
    this.#open.pop();
  }

  #scale(): void {
    for (let size = this.#replicas.size + this.#starting.size; size < this.#wanted; size += 1) {
      this.#starting.push(this.#nowMs + this.#conditions.startUpMs(this.#nowMs), this.#nowMs);
    }
    let excess = this.#replicas.size + this.#starting.size - this.#wanted;
    for (; excess > 0 && this.#starting.size > 0; excess -= 1) this.#starting.popLast();
    if (excess <= 0) return;
    const untilOf = (replica: SimulatedReplica): number => (replica.running === 0 ? 0 : replica.busyUntilMs);
    const firstDone = [...this.#replicas].sort((a, b) => untilOf(a) - untilOf(b));
    for (const replica of firstDone.slice(0, excess)) this.#drain(replica);
  }

  #drain(replica: SimulatedReplica): void {
    replica.draining = true;
    this.#replicas.delete(replica);
    if (replica.running === 0) return;
    this.#running -= replica.running;
    this.#busyReplicas -= 1;
    this.#draining += 1;
  }

  #typeOf(index: number): number {
    return Number(this.#occurrences.type[index]);
  }
}
