/**
 * How long runs took, counted in buckets whose width grows with the time: bucket i, from 1 to 120, holds the runs of at most
 * 2^((i-1)/4) ms that the bucket before does not hold, so that above 1 ms a quantile is off by at most a fifth. The last bucket holds
 * all that is longer.
 */
export const BUCKETS = 120;

/** The bucket of a run, from 1. The statement that records runs uses the same formula. */
export function bucketOf(elapsedMs: number): number {
  return Math.min(BUCKETS, Math.max(1, Math.ceil(4 * Math.log2(Math.max(elapsedMs, 0.1))) + 1));
}

/**
 * The time in ms below which a share `q` (0 to 1) of the runs stayed; between the bounds of a bucket its runs are taken as evenly spread.
 * `undefined` without runs. `histogram[i]` counts bucket i + 1.
 */
export function quantile(histogram: readonly number[], q: number): number | undefined {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const wanted = q * total;
  let below = 0;
  let upperMs = 0;
  for (const [index, count] of histogram.entries()) {
    if (count === 0) continue;
    const lowerMs = index === 0 ? 0 : 2 ** ((index - 1) / 4);
    upperMs = 2 ** (index / 4);
    if (below + count >= wanted) return lowerMs + ((upperMs - lowerMs) * Math.max(0, wanted - below)) / count;
    below += count;
  }
  return upperMs; // q above 1, or rounding: the longest there is
}
