import type { Advice, AdviceInput, AdviceMove, AppliedAdvice } from '../api/shapes.ts';
import { writeDurationText } from '../tasks/durationText.ts';

/** What the advice comes to, in a sentence. */
export function adviceSentence({ before, after, withSuggestions, moves, suggestions }: Advice): string {
  if (moves.length === 0 && suggestions.length === 0) {
    return `The peak is ${count(before.peak, 'instance')}, and moving tasks would not lower it.`;
  }
  const first =
    moves.length === 0
      ? `The peak is ${count(before.peak, 'instance')}, and no flexible task can be moved for a lower one.`
      : `Moving ${count(moves.length, 'flexible task')} lowers the peak from ${before.peak} to ${after.peak}.`;
  if (suggestions.length === 0) return first;
  return `${first} If ${count(suggestions.length, 'more task')} may start a little later, it falls to ${withSuggestions.peak}.`;
}

/** Where a task goes: "from its time to 40 s after it". */
export function moveText({ fromOffsetMs, offsetMs }: Pick<AdviceMove, 'fromOffsetMs' | 'offsetMs'>): string {
  const to = offsetMs === 0 ? 'its time' : `${writeDurationText(offsetMs)} after its time`;
  if (fromOffsetMs === null) return `from several places to ${to}`;
  if (fromOffsetMs === 0) return `from its time to ${writeDurationText(offsetMs)} after it`;
  return `from ${writeDurationText(fromOffsetMs)} to ${to}`;
}

export function peakChange({ peakBefore, peakAfter }: Pick<AppliedAdvice, 'peakBefore' | 'peakAfter'>): string {
  if (peakBefore === peakAfter) return `The peak stays at ${count(peakBefore, 'instance')}.`;
  return `The peak goes from ${peakBefore} to ${count(peakAfter, 'instance')}.`;
}

export const STATE_TEXT: Readonly<Record<AppliedAdvice['state'], string>> = {
  proposed: 'Proposed',
  applied: 'Applied',
  'partly-undone': 'Partly undone',
  undone: 'Undone',
};

/** Whether there is something left that can be taken back. */
export function canUndo({ moves }: AppliedAdvice): boolean {
  return moves.some(({ state }) => state === 'applied');
}

/** The body that applies the chosen moves: those of the advice but the ones left out, and the suggestions that were taken. */
export function chosenMoves(
  { moves, suggestions }: Advice,
  leftOut: ReadonlySet<string>,
  taken: ReadonlySet<string>,
): AdviceInput['moves'] {
  return [
    ...moves
      .filter(({ taskId }) => !leftOut.has(taskId))
      .map(({ taskId, revision, offsetMs }) => ({ taskId, revision, offsetMs })),
    ...suggestions
      .filter(({ taskId }) => taken.has(taskId))
      .map(({ taskId, revision, offsetMs, windowMs }) => ({ taskId, revision, offsetMs, windowMs })),
  ];
}

export function count(amount: number, what: string): string {
  return `${amount.toLocaleString('en')} ${what}${amount === 1 ? '' : 's'}`;
}
