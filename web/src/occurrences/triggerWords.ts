import type { Occurrence } from '../api/shapes.ts';

interface TriggerWords {
  /** After "came from". */
  readonly from: string;
  /** Beside other words in a list; empty for the ordinary case. */
  readonly short: string;
}

/** What made an occurrence run. */
export const TRIGGER_WORDS: Readonly<Record<Occurrence['trigger'], TriggerWords>> = {
  schedule: { from: 'the schedule', short: '' },
  manual: { from: 'a person: Run now', short: 'run by hand' },
  'catch-up': { from: 'the schedule, caught up after its time was missed', short: 'caught up' },
  backfill: { from: 'a backfill of a past range', short: 'backfill' },
};
