/** Places for groups: with so much room the groups seldom have to be moved to the front of it. */
const LEAST_ROOM = 1_024;
/** Groups that a call moves more quickly than a loop. */
const MANY = 64;

/**
 * Slots by the instant at which each is free, equal ones counted together, the earliest first. Instants are whole numbers of one unit.
 * Work goes to the slot that is free first, so many equal runs on many equal slots are one step, not many.
 */
export class Slots {
  #free = new Float64Array(LEAST_ROOM);
  #counts = new Float64Array(LEAST_ROOM);
  /** The groups are those from head up to tail. */
  #head = 0;
  #tail = 0;
  #size = 0;
  #lastStart = 0;

  get size(): number {
    return this.#size;
  }

  /** When the last run of the last `serve` that started anything began. */
  get lastStart(): number {
    return this.#lastStart;
  }

  add(free: number, count: number): void {
    this.#size += count;
    if (count > 0) this.#insert(free, count);
  }

  copyFrom(other: Slots): void {
    const groups = other.#tail - other.#head;
    if (this.#free.length < groups) {
      this.#free = new Float64Array(other.#free.length);
      this.#counts = new Float64Array(other.#free.length);
    }
    this.#free.set(other.#free.subarray(other.#head, other.#tail));
    this.#counts.set(other.#counts.subarray(other.#head, other.#tail));
    this.#head = 0;
    this.#tail = groups;
    this.#size = other.#size;
  }

  /** Takes away up to `count` slots that are free at the instant; answers how many. */
  removeIdle(at: number, count: number): number {
    let left = count;
    while (left > 0 && this.#head < this.#tail && Number(this.#free[this.#head]) <= at) {
      left -= this.#take(left);
    }
    this.#size -= count - left;
    return count - left;
  }

  /** Takes away the slots that are free last: their runs end, and nothing more begins there. There must be so many. */
  removeLast(count: number): void {
    this.#size -= count;
    for (let left = count; left > 0;) {
      const taken = Math.min(left, Number(this.#counts[this.#tail - 1]));
      this.#counts[this.#tail - 1] = Number(this.#counts[this.#tail - 1]) - taken;
      left -= taken;
      if (this.#counts[this.#tail - 1] === 0) this.#tail -= 1;
    }
  }

  /** Starts up to `count` runs one after the other, each on the slot that is free first, from `from` on and before `until`; answers how many. */
  serve(count: number, duration: number, from: number, until: number): number {
    let left = count;
    while (left > 0 && this.#head < this.#tail) {
      const start = Math.max(Number(this.#free[this.#head]), from);
      if (start >= until) break;
      left -= this.#serveRounds(left, duration, from, until);
      left -= this.#serveNext(left, duration, from, until);
    }
    return count - left;
  }

  /** Runs for all slots that are free together. */
  #serveNext(count: number, duration: number, from: number, until: number): number {
    const start = Math.max(Number(this.#free[this.#head]), from);
    if (start >= until) return 0;
    let taken = 0;
    while (taken < count && this.#head < this.#tail && Number(this.#free[this.#head]) <= start) {
      taken += this.#take(count - taken);
    }
    if (taken === 0) return 0;
    this.#insert(start + duration, taken);
    this.#lastStart = start;
    return taken;
  }

  /** Where each slot gets a run, then each another, and so on, all rounds are one step. */
  #serveRounds(count: number, duration: number, from: number, until: number): number {
    if (count < 2 * this.#size) return 0;
    const first = Math.max(Number(this.#free[this.#head]), from);
    const last = Math.max(Number(this.#free[this.#tail - 1]), from);
    const rounds = Math.min(Math.floor(count / this.#size), Math.floor((until - 1 - last) / duration) + 1);
    // Slots further apart than one run do not take turns.
    if (rounds < 1 || last - first > duration) return 0;
    for (let group = this.#head; group < this.#tail; group += 1) {
      this.#free[group] = Math.max(Number(this.#free[group]), from) + rounds * duration;
    }
    this.#lastStart = last + (rounds - 1) * duration;
    return rounds * this.#size;
  }

  /** Takes up to `count` slots out of the first group. */
  #take(count: number): number {
    const taken = Math.min(count, Number(this.#counts[this.#head]));
    this.#counts[this.#head] = Number(this.#counts[this.#head]) - taken;
    if (this.#counts[this.#head] === 0) this.#head += 1;
    return taken;
  }

  #insert(free: number, count: number): void {
    let low = this.#head;
    let high = this.#tail;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Number(this.#free[middle]) < free) low = middle + 1;
      else high = middle;
    }
    if (low < this.#tail && this.#free[low] === free) {
      this.#counts[low] = Number(this.#counts[low]) + count;
      return;
    }
    const place = this.#makeRoom(low);
    this.#free[place] = free;
    this.#counts[place] = count;
  }

  /** Moves the shorter side by one; answers where the gap is. */
  #makeRoom(place: number): number {
    if (this.#head > 0 && place - this.#head < this.#tail - place) {
      this.#move(this.#head, place, -1);
      this.#head -= 1;
      return place - 1;
    }
    if (this.#tail === this.#free.length) {
      const shift = this.#head;
      this.#reserve();
      return this.#makeRoom(place - shift);
    }
    this.#move(place, this.#tail, 1);
    this.#tail += 1;
    return place;
  }

  /** Moves the groups from `first` up to `end` by one place: mostly few, for which a call costs more than the moving. */
  #move(first: number, end: number, by: 1 | -1): void {
    const [free, counts] = [this.#free, this.#counts];
    if (end - first > MANY) {
      free.copyWithin(first + by, first, end);
      counts.copyWithin(first + by, first, end);
    } else if (by === 1) {
      for (let group = end; group > first; group -= 1) {
        free[group] = Number(free[group - 1]);
        counts[group] = Number(counts[group - 1]);
      }
    } else {
      for (let group = first - 1; group < end - 1; group += 1) {
        free[group] = Number(free[group + 1]);
        counts[group] = Number(counts[group + 1]);
      }
    }
  }

  /** Moves everything to the front, of longer arrays where there would still be little room behind it. */
  #reserve(): void {
    const groups = this.#tail - this.#head;
    const isRoomy = groups * 2 <= this.#free.length;
    const length = groups * 4;
    const [free, counts] = isRoomy ? [this.#free, this.#counts] : [new Float64Array(length), new Float64Array(length)];
    free.set(this.#free.subarray(this.#head, this.#tail));
    counts.set(this.#counts.subarray(this.#head, this.#tail));
    [this.#free, this.#counts, this.#head, this.#tail] = [free, counts, 0, groups];
  }
}
