/** Values by their instant, the earliest first. */
export class EventHeap<Value> {
  readonly #times: number[] = [];
  readonly #values: Value[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** Infinity when there is none. */
  get nextMs(): number {
    return this.#timeAt(0);
  }

  /** In no order. */
  values(): Value[] {
    return [...this.#values];
  }

  push(atMs: number, value: Value): void {
    let place = this.#times.push(atMs) - 1;
    this.#values.push(value);
    for (let parent = (place - 1) >> 1; place > 0 && this.#timeAt(parent) > atMs; parent = (place - 1) >> 1) {
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Takes the earliest, which there must be. */
  pop(): Value {
    this.#swap(0, this.size - 1);
    this.#times.pop();
    const value = this.#values.pop() as Value;
    let place = 0;
    for (
      let child = this.#earlierChild(0);
      this.#timeAt(child) < this.#timeAt(place);
      child = this.#earlierChild(place)
    ) {
      this.#swap(place, child);
      place = child;
    }
    return value;
  }

  /** Takes one that is far from the first, cheaply. */
  popLast(): void {
    this.#times.pop();
    this.#values.pop();
  }

  #earlierChild(place: number): number {
    const left = 2 * place + 1;
    return this.#timeAt(left + 1) < this.#timeAt(left) ? left + 1 : left;
  }

  #timeAt(place: number): number {
    return this.#times[place] ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [times, values] = [this.#times, this.#values];
    [times[a], times[b]] = [Number(times[b]), Number(times[a])];
    [values[a], values[b]] = [values[b] as Value, values[a] as Value];
  }
}
