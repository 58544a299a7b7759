interface MeasurementAnalysis {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of the sample (n - 1); 0 for a single value. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  /** Values more than three deviations from the mean, at most twenty. */
  readonly outliers: readonly number[];
}

/** Describes measured values, of which there must be one at least. One pass, stable for values far from zero (Welford). */
export function analyse(values: readonly number[]): MeasurementAnalysis {
  let mean = 0;
  let squares = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  values.forEach((value, index) => {
    const before = value - mean;
    mean += before / (index + 1);
    squares += before * (value - mean);
    min = Math.min(min, value);
    max = Math.max(max, value);
  });
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  const outliers = values.filter((value) => Math.abs(value - mean) > 3 * deviation).slice(0, MAX_OUTLIERS);
  return { count: values.length, mean: rounded(mean), deviation: rounded(deviation), min, max, outliers };
}

const MAX_OUTLIERS = 20;

/** Nine digits: more than any instrument has, and no noise of binary fractions. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}
