import type { Task } from '../api/shapes.ts';

type Policies = Task['policies'];

export interface PolicyChoice<Value extends string> {
  readonly value: Value;
  readonly text: string;
  /** What it does, in one line. */
  readonly line: string;
}

type Choices<Key extends keyof Policies> = readonly PolicyChoice<Policies[Key] & string>[];

export const OVERLAP_CHOICES: Choices<'overlap'> = [
  {
    value: 'skip',
    text: 'Skip the new one',
    line: 'It is recorded as skipped, with the run that was in its way.',
  },
  {
    value: 'buffer-one',
    text: 'Let one wait',
    line: 'It starts as soon as the run has ended; while one waits, others are skipped.',
  },
  { value: 'buffer-all', text: 'Let all wait', line: 'They start one after another, in the order of their times.' },
  {
    value: 'cancel-other',
    text: 'Cancel the old one',
    line: 'The run is asked to stop and has a few seconds to tidy up; then the new one starts.',
  },
  {
    value: 'terminate-other',
    text: 'End the old one at once',
    line: 'The run is ended without time to tidy up; then the new one starts.',
  },
  { value: 'allow', text: 'Let both run', line: 'There is no limit: as many run side by side as are due.' },
];

export const MISFIRE_CHOICES: Choices<'misfire'> = [
  { value: 'latest', text: 'Run the latest one missed', line: 'The others are recorded as skipped.' },
  {
    value: 'all',
    text: 'Run all that were missed',
    line: 'Oldest first, so many a minute, so that fresh work keeps its time.',
  },
  { value: 'skip', text: 'Skip what was missed', line: 'It goes on with the next regular time.' },
];

export const PLACEMENT_CHOICES: Choices<'placement'> = [
  {
    value: 'load',
    text: 'Where the forecast is lowest',
    line: 'Each occurrence goes where least else is planned; its place is fixed when it is written.',
  },
  {
    value: 'hash',
    text: 'At a fixed offset of its own',
    line: 'A hash of the task: always as long after its time, and different from other tasks.',
  },
];

export const GAP_CHOICES: Choices<'dstGap'> = [
  { value: 'shift', text: 'Run at the first valid time after it', line: '02:30 that does not exist becomes 03:00.' },
  { value: 'skip', text: 'Do not run on that day', line: 'The next regular time is the next run.' },
];

export const REPEAT_CHOICES: Choices<'dstRepeat'> = [
  { value: 'first', text: 'Run at the first', line: 'Once, before the clocks go back.' },
  { value: 'last', text: 'Run at the second', line: 'Once, after the clocks have gone back.' },
  { value: 'both', text: 'Run at both', line: 'Twice on that day.' },
];

export function choiceText<Value extends string>(choices: readonly PolicyChoice<Value>[], value: Value): string {
  return choices.find((choice) => choice.value === value)?.text ?? value;
}
