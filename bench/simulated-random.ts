/** Random numbers that are the same at every run. */
export interface Random {
  /** From 0 up to 1. */
  readonly next: () => number;
  /** Of a lognormal distribution with this mean and coefficient of variation. */
  readonly lognormal: (mean: number, variation: number) => number;
  readonly pick: <T>(values: readonly [T, ...T[]]) => T;
}

export function randomFrom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    lognormal(mean, variation) {
      const sigma2 = Math.log(1 + variation ** 2);
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return mean * Math.exp(normal * Math.sqrt(sigma2) - sigma2 / 2);
    },
    pick: (values) => values[Math.floor(next() * values.length)] ?? values[0],
  };
}
