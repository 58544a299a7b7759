const REASONS: Readonly<Record<string, string>> = {
  'work-ahead': 'More work is coming than the instances can do.',
  'work-over': 'Less work is coming, and nothing waits.',
  'work-waits': 'Work is waiting.',
  'already-right': 'The number is already right.',
  'replicas-busy': 'Fewer are needed, but they are still busy.',
  'no-forecast': 'There is no forecast, so nothing was changed.',
  'target-unknown': 'The present number is not known, so nothing was changed.',
  'plan-stale': 'The plan is old, so nothing was taken away.',
  'scale-out-paused': 'More are needed, but scaling out is paused.',
  'scale-in-paused': 'Fewer are needed, but scaling in is paused.',
  'override-held': 'A person ordered this number, and it is there.',
  override: 'A person ordered this number.',
  ordered: 'A person changed the orders.',
  'queue-unknown': 'It is not known whether work waits, so nothing was taken away.',
};

/** The autoscaler's word for its reason as a sentence, with the cause of a failure after it. Other texts stay as they are. */
export function reasonWords(reason: string): string {
  const [, code = reason, detail] = /^([a-z-]+)(?:: (.*))?$/s.exec(reason) ?? [];
  const words = REASONS[code];
  if (words === undefined) return reason;
  return detail === undefined ? words : `${words} It failed: ${detail}`;
}
