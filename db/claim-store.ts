import type { OccurrenceKey } from '../core/occurrence.ts';
import type { Priority } from '../core/task.ts';
import type { Queryable } from './database.ts';

/** An occurrence in the hands of a distributor. `claimId` is the fence of its ticket; `dueMs` is on the database's clock. */
export interface ClaimedOccurrence extends OccurrenceKey {
  readonly claimId: string;
  readonly dueMs: number;
  readonly pool: string;
  readonly priority: Priority;
  readonly taskType: string;
}

/** An occurrence that was published some time ago and has not started. */
export type UnstartedOccurrence = Omit<ClaimedOccurrence, 'dueMs'>;

interface ClaimedRow {
  task_id: string;
  scheduled_ms: string;
  due_ms: string;
  claim_id: string;
  pool: string;
  priority: Priority;
  task_type: string;
}

type UnstartedRow = Omit<ClaimedRow, 'due_ms'> & { claims: number };
interface NoUnstartedRow {
  claims: number;
  claim_id: null;
}

/** The statements by which distributors take occurrences, give them back, and repair what a lost distributor or broker left. */
export interface ClaimStore {
  /**
   * Claims what falls due within `lookAheadMs`, soonest first. Says that somebody is there who can hand out work, so call it only then:
   * what became due while nobody was is left to `catchUp`.
   */
  claimDue(limit: number, lookAheadMs: number, leaseMs: number, distributorId: string): Promise<ClaimedOccurrence[]>;
  /** Due again after `afterMs`, or when they were. Answers how many went back; the others were started or edited meanwhile. */
  release(claims: readonly (OccurrenceKey & { readonly claimId: string })[], afterMs: number | null): Promise<number>;
  markPublished(claimIds: readonly string[], verifyAfterMs: number): Promise<void>;
  forget(claimIds: readonly string[]): Promise<void>;
  recoverExpired(maxClaims: number): Promise<number>;
  /** Looks at published claims whose time to be verified has come: how many there were, and what of them has not started. */
  findUnstarted(
    maxClaims: number,
    verifyAgainAfterMs: number,
  ): Promise<{ claims: number; unstarted: UnstartedOccurrence[] }>;
}

/** After this long without anybody who could hand out work, what became due meanwhile counts as overlooked: the start window. */
const ABSENCE_MS = 10_000;
const BEAT_PERIOD_MS = 1_000;

export function createClaimStore(database: Queryable): ClaimStore {
  let beatMs = -Infinity;
  return {
    async claimDue(limit, lookAheadMs, leaseMs, distributorId) {
      if (performance.now() - beatMs >= BEAT_PERIOD_MS) {
        await database.run('queries/beat_distribution.sql', [ABSENCE_MS]);
        beatMs = performance.now();
      }
      const rows = await database.run<ClaimedRow>('queries/claim_due.sql', [
        limit,
        lookAheadMs,
        leaseMs,
        distributorId,
        ABSENCE_MS,
      ]);
      return rows.map((row) => ({ ...toUnstarted(row), dueMs: Number(row.due_ms) }));
    },
    async release(claims, afterMs) {
      if (claims.length === 0) return 0;
      const { taskIds, times, first, last } = keyArrays(claims);
      const claimIds = claims.map((claim) => claim.claimId);
      return (await database.run('queries/release_claims.sql', [taskIds, times, claimIds, first, last, afterMs]))
        .length;
    },
    async markPublished(claimIds, verifyAfterMs) {
      if (claimIds.length > 0) await database.run('queries/mark_published.sql', [claimIds, verifyAfterMs]);
    },
    async forget(claimIds) {
      if (claimIds.length > 0) await database.run('queries/forget_claims.sql', [claimIds]);
    },
    async recoverExpired(maxClaims) {
      return (await database.run('queries/recover_claims.sql', [maxClaims])).length;
    },
    async findUnstarted(maxClaims, verifyAgainAfterMs) {
      const values = [maxClaims, verifyAgainAfterMs];
      const rows = await database.run<UnstartedRow | NoUnstartedRow>('queries/find_unstarted.sql', values);
      const unstarted = rows.filter((row): row is UnstartedRow => row.claim_id !== null).map(toUnstarted);
      return { claims: rows[0]?.claims ?? 0, unstarted };
    },
  };
}

function toUnstarted(row: Omit<ClaimedRow, 'due_ms'>): UnstartedOccurrence {
  return {
    taskId: row.task_id,
    scheduledMs: Number(row.scheduled_ms),
    claimId: row.claim_id,
    pool: row.pool,
    priority: row.priority,
    taskType: row.task_type,
  };
}

/** The keys as the arrays that statements take, and the range that lets them skip partitions. `keys` must not be empty. */
export function keyArrays(keys: readonly OccurrenceKey[]): {
  taskIds: string[];
  times: string[];
  first: string;
  last: string;
} {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  const taskIds: string[] = [];
  const times: string[] = [];
  for (const key of keys) {
    taskIds.push(key.taskId);
    times.push(new Date(key.scheduledMs).toISOString());
    firstMs = Math.min(firstMs, key.scheduledMs);
    lastMs = Math.max(lastMs, key.scheduledMs);
  }
  return { taskIds, times, first: new Date(firstMs).toISOString(), last: new Date(lastMs).toISOString() };
}
