import type { Comparison, RecordedOccurrence } from '../core/ledger.ts';
import type { OccurrenceStatus } from '../core/occurrence.ts';
import { type LedgerFindings, type LedgerProblem, MAX_PROBLEMS } from './ledger-store.ts';

/** How many occurrences of one task have a status. */
export interface StatusCount {
  readonly status: OccurrenceStatus;
  readonly count: number;
}

/** Adds up what the comparisons of many tasks found. */
export class LedgerCount {
  readonly #statuses: Partial<Record<OccurrenceStatus, number>> = {};
  readonly #problems: LedgerProblem[] = [];
  #expected = 0;
  #pending = 0;
  #unaccounted = 0;
  #unexpected = 0;

  /** All that was expected of a task is recorded, and nothing else is. */
  addWhole(recorded: readonly StatusCount[]): void {
    for (const { status, count } of recorded) this.#addMatched(status, count);
  }

  addCompared(taskId: string, { matched, missing, excess }: Comparison): void {
    for (const { status } of matched) this.#addMatched(status, 1);
    this.#expected += missing.length;
    this.#unaccounted += missing.length;
    for (const atMs of missing) {
      this.#report('unaccounted', taskId, atMs, 'The schedule called for it, and nobody recorded what became of it.');
    }
    this.#unexpected += excess.length;
    for (const occurrence of excess) this.#addExcess(taskId, occurrence);
  }

  addNotRecomputable(taskId: string, error: unknown): void {
    const cause = error instanceof Error ? error.message : String(error);
    this.#report('not-recomputable', taskId, null, `Its schedule can not be computed, so it is not counted: ${cause}`);
  }

  findings(): LedgerFindings {
    return {
      expected: this.#expected,
      pending: this.#pending,
      unaccounted: this.#unaccounted,
      unexpected: this.#unexpected,
      statuses: { ...this.#statuses },
      problems: [...this.#problems],
    };
  }

  #addMatched(status: OccurrenceStatus, count: number): void {
    this.#expected += count;
    if (status === 'Scheduled' || status === 'Queued' || status === 'Running') this.#pending += count;
    this.#addStatus(status, count);
  }

  #addExcess(taskId: string, { atMs, status }: RecordedOccurrence): void {
    this.#addStatus(status, 1);
    this.#report('unexpected', taskId, atMs, `It is recorded as ${status}, and no revision of the task called for it.`);
  }

  #addStatus(status: OccurrenceStatus, count: number): void {
    this.#statuses[status] = (this.#statuses[status] ?? 0) + count;
  }

  #report(kind: LedgerProblem['kind'], taskId: string, atMs: number | null, message: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    this.#problems.push({ kind, taskId, at: atMs === null ? null : new Date(atMs).toISOString(), message });
  }
}
