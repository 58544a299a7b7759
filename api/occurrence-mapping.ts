import { InvalidInputError } from '../core/errors.ts';
import {
  formatOccurrenceId,
  formatRunId,
  type OccurrenceKey,
  parseOccurrenceId,
  parseRunId,
  type RunKey,
} from '../core/occurrence.ts';
import type { OccurrenceRecord } from '../db/occurrence-store.ts';
import type { RunRecord } from '../db/run-store.ts';
import { TaskId } from './contract/common.ts';
import type { Occurrence, Run } from './contract/occurrence.ts';
import { toInstant, toInstantOrNull } from './instants.ts';
import { HttpProblem } from './problem.ts';

export function toOccurrence(record: OccurrenceRecord): Occurrence {
  return {
    id: formatOccurrenceId(record),
    taskId: record.taskId,
    taskName: record.taskName,
    taskType: record.taskType,
    scheduledTime: toInstant(record.scheduledMs),
    dueAt: toInstantOrNull(record.dueMs),
    status: record.status,
    trigger: record.trigger,
    attempt: record.attempt,
    startTime: toInstantOrNull(record.startMs),
    endTime: toInstantOrNull(record.endMs),
    lockedBy: record.lockedBy,
    reason: record.reason,
    blockedBy:
      record.blockedByMs === null
        ? null
        : formatOccurrenceId({ taskId: record.taskId, scheduledMs: record.blockedByMs }),
  };
}

export function toRun(record: RunRecord): Run {
  return {
    id: formatRunId(record),
    occurrenceId: formatOccurrenceId(record),
    taskId: record.taskId,
    taskName: record.taskName,
    taskType: record.taskType,
    scheduledTime: toInstant(record.scheduledMs),
    attempt: record.attempt,
    outcome: record.outcome,
    startedAt: toInstant(record.startMs),
    endedAt: toInstantOrNull(record.endMs),
    latenessMs: record.startMs - record.dueMs,
    elapsedMs: record.elapsedMs,
    error: record.error,
    result: record.result as Run['result'], // jsonb
    cpuMs: record.cpuMs,
    peakMemoryBytes: record.peakMemoryBytes,
    processor: record.processor,
  };
}

/** The id in a path. @throws HttpProblem 400 when it can not be one. */
export function occurrenceKeyOf(id: string): OccurrenceKey {
  return inPath(() => checked(parseOccurrenceId(id)));
}

/** The id in a path. @throws HttpProblem 400 when it can not be one. */
export function runKeyOf(id: string): RunKey {
  return inPath(() => checked(parseRunId(id)));
}

/** Ids in a body. @throws InvalidInputError naming every one that can not be an id. */
export function occurrenceKeysOf(ids: readonly string[]): OccurrenceKey[] {
  const errors: { path: string; message: string }[] = [];
  const keys = ids.flatMap((id, index) => {
    try {
      return [checked(parseOccurrenceId(id))];
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      errors.push({ path: `occurrenceIds.${index}`, message: error.message });
      return [];
    }
  });
  if (errors.length > 0) throw new InvalidInputError(errors);
  return keys;
}

/** The form of an id allows task ids that are a little larger than any. */
function checked<Key extends OccurrenceKey>(key: Key): Key {
  if (!TaskId.safeParse(key.taskId).success) {
    throw new InvalidInputError([{ path: '', message: 'The task id in it is too large.' }]);
  }
  return key;
}

function inPath<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new HttpProblem(400, 'malformed_id', cause.message, { cause });
  }
}
