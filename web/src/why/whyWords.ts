import type { Why } from '../api/shapes.ts';

/** What a rule is about, in a word or two. */
export const RULE_WORDS: Readonly<Record<Why['rules'][number]['rule'], string>> = {
  task: 'Task',
  status: 'Status',
  schedule: 'Schedule',
  start: 'Not before',
  end: 'Not after',
  'max-runs': 'Times at most',
  exclusion: 'Exception',
  'time-zone': 'Clock change',
  expansion: 'Expansion',
  placement: 'Flexible window',
  moved: 'Moved',
  misfire: 'Missed time',
  overlap: 'Overlap',
  'start-expiry': 'Start expiry',
  retry: 'Retry',
  edit: 'Edit',
  person: 'A person',
  run: 'Run',
};

export const VERDICT_WORDS: Readonly<Record<Why['verdict'], string>> = {
  ran: 'It ran',
  running: 'It is running',
  'will-run': 'It will run',
  'did-not-run': 'It did not run',
  'not-scheduled': 'It is not scheduled then',
  unknown: 'It is not known any more',
};

/** The colour of a verdict beside its words. */
export const VERDICT_SEVERITY: Readonly<Record<Why['verdict'], 'success' | 'info' | 'warning'>> = {
  ran: 'success',
  running: 'info',
  'will-run': 'info',
  'did-not-run': 'warning',
  'not-scheduled': 'info',
  unknown: 'warning',
};
