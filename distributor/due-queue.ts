/** Items in the order of their instants. Items usually arrive in order, so appending is cheap and only stragglers are sorted in. */
export class DueQueue<Item> {
  #entries: { readonly atMs: number; readonly item: Item }[] = [];
  #head = 0;
  #sorted = true;

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** The soonest instant; `undefined` when nothing waits. */
  get nextMs(): number | undefined {
    this.#sort();
    return this.#entries[this.#head]?.atMs;
  }

  push(atMs: number, item: Item): void {
    const last = this.#entries.at(-1);
    if (last !== undefined && last.atMs > atMs) this.#sorted = false;
    this.#entries.push({ atMs, item });
  }

  /** Removes and answers, in order, what falls at or before `untilMs`. */
  takeUntil(untilMs: number): Item[] {
    this.#sort();
    const taken: Item[] = [];
    for (
      let entry = this.#entries[this.#head];
      entry !== undefined && entry.atMs <= untilMs;
      entry = this.#entries[this.#head]
    ) {
      taken.push(entry.item);
      this.#head += 1;
    }
    if (this.#head > 1_024 || this.#head === this.#entries.length) this.#compact();
    return taken;
  }

  takeAll(): Item[] {
    return this.takeUntil(Infinity);
  }

  #sort(): void {
    if (this.#sorted) return;
    this.#compact();
    this.#entries.sort((a, b) => a.atMs - b.atMs);
    this.#sorted = true;
  }

  #compact(): void {
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
