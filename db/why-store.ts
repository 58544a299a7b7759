import { NotFoundError } from '../core/errors.ts';
import { formatOccurrenceId } from '../core/occurrence.ts';
import type { MisfirePolicy, TaskStatus } from '../core/task.ts';
import type { WhyFacts, WhyOccurrence, WhyRevision } from '../core/why-facts.ts';
import type { Database } from './database.ts';
import { readDatabaseClock } from './expansion-store.ts';
import { createOccurrenceStore, type OccurrenceRecord } from './occurrence-store.ts';
import { withDatabase } from './postgres-errors.ts';
import { listOccurrenceRuns } from './run-store.ts';
import { type ScheduleColumns, toSchedule } from './task-definition.ts';

export interface WhyRecord {
  readonly facts: WhyFacts;
  /** The one that the facts speak of. */
  readonly occurrence: OccurrenceRecord | null;
}

/** Everything that is recorded of a task and an instant (epoch ms). @throws NotFoundError when there never was such a task. */
export async function readWhy(
  database: Database,
  taskId: string,
  atMs: number,
  config: Pick<WhyFacts, 'retentionDays' | 'graceMs'>,
): Promise<WhyRecord> {
  const [nowMs, found] = await withDatabase(() =>
    Promise.all([
      readDatabaseClock(database),
      database.run<OccurrenceRow>('queries/why_occurrence.sql', [taskId, atMs]),
    ]),
  );
  const [row] = found;
  const revisions = await withDatabase(() =>
    database.run<RevisionRow>('queries/why_revisions.sql', [taskId, atMs, row?.revision ?? null]),
  );
  const newest = revisions.at(-1);
  if (newest === undefined) throw new NotFoundError('task', taskId);
  const inForce = revisions.find((revision) => revision.in_force);
  const occurrence = row === undefined ? null : await readOccurrence(database, taskId, row);
  const under = revisions.find(({ revision }) => revision === row?.revision);
  return {
    occurrence: occurrence?.record ?? null,
    facts: {
      ...config,
      atMs,
      nowMs,
      createdMs: newest.created_at.getTime(),
      knownFromMs: newest.known_from.getTime(),
      revision: inForce === undefined ? null : toRevision(inForce),
      present: toRevision(newest),
      occurrence:
        occurrence === null ? null : { ...occurrence.facts, under: under === undefined ? null : toRevision(under) },
    },
  };
}

async function readOccurrence(
  database: Database,
  taskId: string,
  row: OccurrenceRow,
): Promise<{ record: OccurrenceRecord; facts: Omit<WhyOccurrence, 'under'> }> {
  const key = { taskId, scheduledMs: Number(row.scheduled_ms) };
  const [record, runs] = await Promise.all([
    createOccurrenceStore(database).get(key),
    listOccurrenceRuns(database, key),
  ]);
  const blockedBy =
    record.blockedByMs === null ? null : formatOccurrenceId({ taskId, scheduledMs: record.blockedByMs });
  const facts = {
    ...record,
    claimedDueMs: row.claimed_due_at?.getTime() ?? null,
    movedMs: row.moved_at?.getTime() ?? null,
    blockedBy,
    isLeftToCatchUp: row.left_to_catch_up,
    runs,
  };
  return { record, facts };
}

interface OccurrenceRow {
  scheduled_ms: string;
  revision: number;
  claimed_due_at: Date | null;
  moved_at: Date | null;
  left_to_catch_up: boolean;
}

interface RevisionRow extends ScheduleColumns {
  revision: number;
  valid_from: Date;
  valid_until: Date | null;
  in_force: boolean;
  first_at: Date | null;
  created_at: Date;
  known_from: Date;
  status: TaskStatus;
  status_reason: string | null;
  paused_until: Date | null;
  deleted: boolean;
  misfire_policy: MisfirePolicy;
  misfire_grace_ms: string | null;
  flexible_window_ms: string;
  placement_offset_ms: string | null;
  advice_id: string | null;
  start_expiry_ms: string | null;
  expand_error: string | null;
  expanded_until: Date | null;
  slots_decided: string;
  last_slot_at: Date | null;
}

function toRevision(row: RevisionRow): WhyRevision {
  return {
    revision: row.revision,
    validFromMs: row.valid_from.getTime(),
    validUntilMs: row.valid_until?.getTime() ?? null,
    schedule: toSchedule(row),
    firstMs: row.first_at?.getTime() ?? null,
    status: row.status,
    statusReason: row.status_reason,
    pausedUntilMs: row.paused_until?.getTime() ?? null,
    isDeleted: row.deleted,
    misfire: row.misfire_policy,
    misfireGraceMs: row.misfire_grace_ms === null ? null : Number(row.misfire_grace_ms),
    flexibleWindowMs: Number(row.flexible_window_ms),
    advice: row.advice_id === null ? null : { id: row.advice_id, offsetMs: Number(row.placement_offset_ms) },
    startExpiryMs: row.start_expiry_ms === null ? null : Number(row.start_expiry_ms),
    expandError: row.expand_error,
    expandedUntilMs: row.expanded_until?.getTime() ?? null,
    slotsDecided: Number(row.slots_decided),
    lastSlotMs: row.last_slot_at?.getTime() ?? null,
  };
}
