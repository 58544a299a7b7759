import type { Counterfactual, CounterfactualSide } from '../api/shapes.ts';

/** The queue-length autoscaler that did best: most in time, then fewest replica minutes. */
export function strongestQueue({ sides }: Counterfactual): CounterfactualSide | undefined {
  const queues = sides.filter(({ kind }) => kind === 'queue');
  return queues.sort((a, b) => a.late - b.late || (a.replicaMinutes ?? 0) - (b.replicaMinutes ?? 0))[0];
}

/** `12 of 40 late with KEDA …, 0 with what was there`. */
export function comparisonSentence(answer: Counterfactual, queue: CounterfactualSide): string {
  const recorded = answer.sides.find(({ kind }) => kind === 'recorded');
  if (recorded === undefined) return '';
  const count = (value: number) => value.toLocaleString('en');
  return `Of ${count(recorded.occurrences)} starts ${count(recorded.late)} came more than 10 s late. With “${queue.name}” it would have been ${count(queue.late)}.`;
}

export function shareText(share: number | null): string {
  return share === null ? '\u2013' : `${(100 * share).toFixed(share > 0.999 && share < 1 ? 3 : 2)} %`;
}

export function signedText(value: number | null, unit: string, digits = 1): string {
  return value === null ? 'not known' : `${value < 0 ? '\u2212' : '+'}${Math.abs(value).toFixed(digits)} ${unit}`;
}
