import type { Occurrences } from './autoscaling-workloads.ts';
import type { Random } from './simulated-random.ts';

/** What a policy may look at: what a real one could read from the queue, the cluster and the database. */
export interface FleetView {
  /** Occurrences that wait: those from `queueHead` up to `queueTail`, in order of their times. */
  readonly queueHead: number;
  readonly queueTail: number;
  readonly idle: number;
  /** What runs in replicas that go on: when it began. Those that drain are not among them. */
  readonly running: () => readonly { readonly type: number; readonly startedS: number }[];
  readonly runningCount: number;
  /** When each replica was asked for that is not ready yet. */
  readonly starting: () => readonly number[];
  readonly startingCount: number;
  /** What has ended since it was last asked, with how long it took. */
  readonly takeEnded: () => readonly { readonly type: number; readonly durationMs: number }[];
}

export interface Policy {
  readonly name: string;
  /** Replicas wanted from now on; `undefined` leaves it as it is. Called once a second. */
  readonly decide: (nowS: number, fleet: FleetView) => number | undefined;
}

export interface FleetFaults {
  /** By how much starting takes longer at an instant. */
  readonly startUpFactor?: (nowS: number) => number;
  /** Whether the policy is not heard at an instant. */
  readonly isSilent?: (nowS: number) => boolean;
}

export interface Outcome {
  readonly late: number;
  readonly worstS: number;
  readonly replicaSeconds: number;
  readonly changes: number;
  readonly peak: number;
}

/**
 * A fleet of replicas with one slot each, played through event by event: a replica takes its time to start; of those too many, first the
 * ones that start go, then idle ones, then the busy ones, which finish their run. A replica costs from when it is asked for until it is gone.
 */
export function runFleet(
  occurrences: Occurrences,
  seconds: number,
  policy: Policy,
  random: Random,
  { startUpFactor = () => 1, isSilent = () => false }: FleetFaults = {},
): Outcome {
  const busy = new EventHeap();
  const starting = new EventHeap();
  const draining = new EventHeap();
  const startedS = new Float64Array(occurrences.length);
  let ended: { type: number; durationMs: number }[] = [];
  let [idle, head, tail, late, worstS, replicaSeconds, changes, peak, wanted] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const typeOf = (index: number): number => occurrences.type[index] ?? 0;
  const view: FleetView = {
    get queueHead() {
      return head;
    },
    get queueTail() {
      return tail;
    },
    get idle() {
      return idle;
    },
    running: () => busy.values().map((index) => ({ type: typeOf(index), startedS: startedS[index] ?? 0 })),
    get runningCount() {
      return busy.size;
    },
    starting: () => starting.values(),
    get startingCount() {
      return starting.size;
    },
    takeEnded() {
      const taken = ended;
      ended = [];
      return taken;
    },
  };
  const start = (nowS: number): void => {
    const delay = nowS - (occurrences.second[head] ?? 0);
    if (delay > 10 + 1e-9) late += 1;
    worstS = Math.max(worstS, delay);
    startedS[head] = nowS;
    busy.push(nowS + (occurrences.durationS[head] ?? 0), head);
    head += 1;
  };
  const serve = (nowS: number): void => {
    for (; idle > 0 && head < tail; idle -= 1) start(nowS);
  };
  const scaleTo = (nowS: number, count: number): void => {
    for (let size = idle + busy.size + starting.size; size < count; size += 1) {
      const startUpS = Math.min(45, Math.max(6, 14 * Math.exp(0.45 * normalOf(random)))) * startUpFactor(nowS);
      starting.push(nowS + startUpS, nowS);
    }
    let excess = idle + busy.size + starting.size - count;
    for (; excess > 0 && starting.size > 0; excess -= 1) starting.popLast();
    const gone = Math.max(0, Math.min(excess, idle));
    idle -= gone;
    for (excess -= gone; excess > 0 && busy.size > 0; excess -= 1) draining.push(busy.nextS, busy.pop());
  };

  for (let nowS = 0; nowS < seconds || (head < occurrences.length && nowS < seconds * 2); nowS += 1) {
    const decided = isSilent(nowS) ? undefined : policy.decide(nowS, view);
    if (decided !== undefined && decided !== wanted) changes += 1;
    wanted = decided ?? wanted;
    scaleTo(nowS, wanted);
    for (; tail < occurrences.length && (occurrences.second[tail] ?? 0) <= nowS; tail += 1);
    serve(nowS);
    while (Math.min(busy.nextS, starting.nextS) < nowS + 1) {
      if (starting.nextS <= busy.nextS) {
        const readyS = starting.nextS;
        starting.pop();
        idle += 1;
        serve(Math.max(nowS, readyS));
        continue;
      }
      const endS = busy.nextS;
      const index = busy.pop();
      ended.push({ type: typeOf(index), durationMs: (occurrences.durationS[index] ?? 0) * 1_000 });
      idle += 1;
      serve(endS);
    }
    while (draining.nextS < nowS + 1) draining.pop();
    const size = idle + busy.size + starting.size;
    peak = Math.max(peak, size);
    if (nowS < seconds) replicaSeconds += size + draining.size;
  }
  const never = occurrences.length - head;
  return { late: late + never, worstS: never > 0 ? Infinity : worstS, replicaSeconds, changes, peak };
}

function normalOf({ next }: Random): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Events by their instant. */
class EventHeap {
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  get nextS(): number {
    return this.#times[0] ?? Infinity;
  }

  values(): number[] {
    return [...this.#values];
  }

  push(timeS: number, value: number): void {
    let place = this.#times.length;
    this.#times.push(timeS);
    this.#values.push(value);
    for (let parent = (place - 1) >> 1; place > 0 && (this.#times[parent] ?? 0) > timeS; parent = (place - 1) >> 1) {
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Takes the earliest; answers its value. */
  pop(): number {
    this.#swap(0, this.#times.length - 1);
    this.#times.pop();
    const value = this.#values.pop() ?? 0;
    for (let place = 0; ;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const child = this.#timeAt(right) < this.#timeAt(left) ? right : left;
      if (this.#timeAt(child) >= this.#timeAt(place)) return value;
      this.#swap(place, child);
      place = child;
    }
  }

  /** Takes one that is far from the first, cheaply. */
  popLast(): void {
    this.#times.pop();
    this.#values.pop();
  }

  #timeAt(place: number): number {
    return this.#times[place] ?? Infinity;
  }

  #swap(a: number, b: number): void {
    [this.#times[a], this.#times[b]] = [this.#timeAt(b), this.#timeAt(a)];
    [this.#values[a], this.#values[b]] = [this.#values[b] ?? 0, this.#values[a] ?? 0];
  }
}
