/** Something that was read and worked out, kept for a while. */
export interface Known<Picture> {
  readonly picture: Picture;
  /** Whether it is still right: of another version it is not. */
  readonly version: string;
  /** On the clock of `performance.now()`. */
  readonly readAtMs: number;
}

interface Slot<Picture> {
  known?: Known<Picture>;
  running?: { readonly version: string; readonly promise: Promise<Known<Picture>> };
  next?: { version: string; readonly promise: Promise<Known<Picture>> };
}

const MAX_KEYS = 20;

/**
 * Keeps what is costly to work out. Of one key one is worked out at a time, however many ask; who asks for a newer version meanwhile gets,
 * together with all others who do, the next one, which begins when the present one has ended. So nobody is answered with what is older
 * than the version that they ask for.
 */
export class PictureCache<Picture> {
  readonly #slots = new Map<string, Slot<Picture>>();
  readonly #maxAgeMs: number;

  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  get(key: string, version: string, read: () => Promise<Picture>): Promise<Known<Picture>> {
    const slot = this.#slotOf(key);
    const { known, running, next } = slot;
    if (known?.version === version && performance.now() - known.readAtMs < this.#maxAgeMs) {
      return Promise.resolve(known);
    }
    if (running === undefined) return this.#start(slot, version, read);
    if (running.version === version) return running.promise;
    if (next !== undefined) {
      next.version = version; // it has not begun, so it will see this
      return next.promise;
    }
    const wait = running.promise.then(
      () => undefined,
      () => undefined, // whoever asked for that one hears of it
    );
    const promise = wait.then(() => {
      const begun = slot.next?.version ?? version;
      delete slot.next;
      return this.#start(slot, begun, read);
    });
    slot.next = { version, promise };
    return promise;
  }

  #slotOf(key: string): Slot<Picture> {
    const slot = this.#slots.get(key) ?? {};
    this.#slots.delete(key); // the one that was asked for last is at the end
    this.#slots.set(key, slot);
    const [oldest] = this.#slots.keys();
    if (this.#slots.size > MAX_KEYS && oldest !== undefined) this.#slots.delete(oldest);
    return slot;
  }

  #start(slot: Slot<Picture>, version: string, read: () => Promise<Picture>): Promise<Known<Picture>> {
    const readAtMs = performance.now();
    const promise = read()
      .then((picture) => (slot.known = { picture, version, readAtMs }))
      .finally(() => delete slot.running);
    slot.running = { version, promise };
    return promise;
  }
}
