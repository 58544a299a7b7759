import type { AttemptInput } from '../../processor/attempt.ts';
import { type AttemptResult, runAttempt } from '../../processor/attempt.ts';
import type { OccurrenceInfo, TaskType } from '../../processor/task-type.ts';

const anOccurrence: OccurrenceInfo = {
  id: '7-1790000000000',
  taskId: '7',
  taskName: 'pH of batch 7',
  scheduledTime: new Date(1_790_000_000_000),
  attempt: 1,
  idempotencyKey: '7-1790000000000',
  labels: { experiment: 'E-12' },
  recipients: ['lab@example.org'],
};

export function inputOf(payload: unknown, occurrence: Partial<OccurrenceInfo> = {}): AttemptInput {
  return { payload, occurrence: { ...anOccurrence, ...occurrence } };
}

/** One attempt under ordinary conditions. */
export function attempt(
  taskType: TaskType,
  payload: unknown = {},
  occurrence: Partial<OccurrenceInfo> = {},
): Promise<AttemptResult> {
  const signal = new AbortController().signal;
  return runAttempt(taskType, inputOf(payload, occurrence), { timeoutMs: 20_000, signal });
}
