/** A group of items that travel in one message, with the work that they are expected to be. */
export interface Bundle<Item> {
  readonly items: readonly Item[];
  readonly workMs: number;
}

export interface BundleLimits {
  /** Expected work per bundle at most; an item that alone is more travels alone. */
  readonly maxWorkMs: number;
  readonly maxItems: number;
  /** Consumers that could work side by side: a burst is spread over all of them. */
  readonly consumers: number;
  /** Work that is not worth spreading: a message of its own would cost more than the wait. */
  readonly minWorkMs: number;
}

/** Packs items in their order. Short ones share a message, long ones always travel alone, and no consumer is left without work that is worth a message. */
export function bundle<Item>(
  items: readonly Item[],
  workMsOf: (item: Item) => number,
  limits: BundleLimits,
): Bundle<Item>[] {
  const share = Math.ceil(items.length / Math.max(1, limits.consumers));
  const bundles: Bundle<Item>[] = [];
  let current: Item[] = [];
  let currentWorkMs = 0;
  const close = (): void => {
    if (current.length > 0) bundles.push({ items: current, workMs: currentWorkMs });
    current = [];
    currentWorkMs = 0;
  };
  for (const item of items) {
    const workMs = workMsOf(item);
    const togetherMs = currentWorkMs + workMs;
    const isShare = current.length >= share && togetherMs > limits.minWorkMs;
    if (isShare || current.length >= limits.maxItems || togetherMs > limits.maxWorkMs) close();
    current.push(item);
    currentWorkMs += workMs;
  }
  close();
  return bundles;
}
