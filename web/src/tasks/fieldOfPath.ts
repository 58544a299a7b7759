const FIELDS: Readonly<Record<string, string>> = {
  name: 'name',
  taskType: 'taskType',
  payload: 'payloadText',
  'schedule.at': 'onceAt',
  'schedule.everyMs': 'every',
  'schedule.timeZone': 'timeZone',
  'schedule.startsAt': 'startsAt',
  'schedule.endsAt': 'endsAt',
  'schedule.maxRuns': 'maxRuns',
  'schedule.calendars': 'calendars',
  'policies.misfire': 'misfire',
  'policies.misfireGraceMs': 'misfireGrace',
  'policies.catchUpLimit': 'catchUpLimit',
  'policies.catchUpPerMinute': 'catchUpPerMinute',
  'policies.flexibleWindowMs': 'flexibleWindow',
  'policies.placement': 'placement',
  'policies.overlap': 'overlap',
  'policies.dstGap': 'dstGap',
  'policies.dstRepeat': 'dstRepeat',
  'policies.startExpiryMs': 'startExpiry',
  'retry.maxAttempts': 'maxAttempts',
  'retry.backoff': 'backoff',
  'retry.firstDelayMs': 'firstDelay',
  'retry.maxDelayMs': 'maxDelay',
  timeoutMs: 'timeout',
  priority: 'priority',
  recipients: 'recipients',
  securityGroup: 'securityGroup',
};

/**
 * The field of the form that shows what is at a path of the request: `schedule.expressions.0` is
 * `expressions.0.text`. Also takes JSON pointers (`/schedule/expressions/0`). `root` when no field shows it.
 */
export function fieldOfPath(path: string | readonly PropertyKey[], labelKeys: readonly string[] = []): string {
  const parts = typeof path === 'string' ? path.split(/[./[\]]+/).filter((part) => part !== '') : path.map(String);
  const [first, second, third] = parts;
  if (first === 'schedule' && second === 'expressions') return `expressions.${third ?? '0'}.text`;
  if (first === 'schedule' && second === 'blackouts' && third !== undefined) {
    return `blackouts.${third}.${parts[3] ?? 'from'}`;
  }
  if (first === 'labels') {
    const place = labelKeys.indexOf(parts.slice(1).join('.'));
    return place === -1 ? 'labels' : `labels.${place}.value`;
  }
  for (let length = parts.length; length > 0; length -= 1) {
    const field = FIELDS[parts.slice(0, length).join('.')];
    if (field !== undefined) return field;
  }
  return 'root';
}

/** What is left of a payload's path, so that a message can say where in the payload: `url`, `headers.accept`. */
export function pathInPayload(path: string): string {
  return path
    .split(/[./[\]]+/)
    .filter((part) => part !== '')
    .slice(1)
    .join('.');
}
