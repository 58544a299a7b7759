export interface ExpiringCacheOptions {
  /** For how long an answer may be given again. */
  readonly keepMs: number;
  /** Answers that are kept at most; the oldest go first. */
  readonly size: number;
  /** A clock that only goes forward, in ms. */
  readonly now: () => number;
}

/** Answers of somebody else, kept for a short while. Those who ask for the same at the same time wait for one answer; failures are not kept. */
export class ExpiringCache<T> {
  readonly #options: ExpiringCacheOptions;
  readonly #entries = new Map<string, { readonly untilMs: number; readonly value: Promise<T> }>();

  constructor(options: ExpiringCacheOptions) {
    this.#options = options;
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const { keepMs, size, now } = this.#options;
    const present = this.#entries.get(key);
    if (present !== undefined && present.untilMs > now()) return present.value;
    this.#entries.delete(key);
    const value = ask();
    const entry = { untilMs: now() + keepMs, value };
    this.#entries.set(key, entry);
    value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= size) break;
      this.#entries.delete(oldest);
    }
    return value;
  }
}
