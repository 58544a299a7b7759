import type { Ledger } from '../api/shapes.ts';

const number = (count: number) => count.toLocaleString('en');

/** The state of the ledger as a sentence. */
export function ledgerSentence({ expected, accounted, pending, unaccounted, unexpected }: Ledger): string {
  const lost =
    unaccounted === 0
      ? expected === 0
        ? 'The schedules called for nothing in this window.'
        : `Nothing was lost: the schedules called for ${number(expected)} ${expected === 1 ? 'occurrence' : 'occurrences'}, and every one is recorded.`
      : `The schedules called for ${number(expected)} occurrences, and ${number(unaccounted)} of them ${unaccounted === 1 ? 'is' : 'are'} not recorded. That is a fault.`;
  const open =
    pending === 0
      ? ''
      : ` ${number(accounted)} ${accounted === 1 ? 'has' : 'have'} ended, ${number(pending)} ${pending === 1 ? 'is' : 'are'} still to end.`;
  const more =
    unexpected === 0
      ? ''
      : ` ${number(unexpected)} ${unexpected === 1 ? 'is' : 'are'} recorded though no schedule called for ${unexpected === 1 ? 'it' : 'them'}.`;
  return lost + open + more;
}

export const PROBLEM_WORDS: Readonly<Record<Ledger['problems'][number]['kind'], string>> = {
  unaccounted: 'Not recorded',
  unexpected: 'Not called for',
  'not-recomputable': 'Could not be recomputed',
};

/** How much of a day's expected occurrences each part is, in per cent; all 0 for a day without any. */
export function dayShares(day: Pick<Ledger['days'][number], 'accounted' | 'pending' | 'unaccounted'>): {
  readonly accounted: number;
  readonly pending: number;
  readonly unaccounted: number;
} {
  const total = day.accounted + day.pending + day.unaccounted;
  const share = (count: number) => (total === 0 ? 0 : (100 * count) / total);
  return { accounted: share(day.accounted), pending: share(day.pending), unaccounted: share(day.unaccounted) };
}
