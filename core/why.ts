import { previousInstant } from './previous-instant.ts';
import { nextInstants } from './schedule.ts';
import { explainAbsence } from './why-absence.ts';
import type { WhyFacts, WhyFinding, WhyRevision, WhyStep, WhyVerdict } from './why-facts.ts';
import { explainOccurrence } from './why-occurrence.ts';
import { lowerFirst } from './why-text.ts';

export interface WhyAnswer {
  readonly verdict: WhyVerdict;
  /** One sentence. */
  readonly summary: string;
  /** In the order in which they were asked. */
  readonly rules: readonly (WhyStep & { readonly decides: boolean })[];
  /** The instants of the schedule before and after. */
  readonly previousMs: number | null;
  readonly nextMs: number | null;
}

/** Why a task ran at an instant, runs then, or does not. */
export function explainInstant(facts: WhyFacts): WhyAnswer {
  const { occurrence, atMs } = facts;
  const { verdict, steps } = occurrence === null ? explainAbsence(facts) : explainOccurrence(facts, occurrence);
  const revision = facts.revision ?? facts.present;
  return {
    verdict,
    summary: `${beginning(verdict, facts)}: ${steps
      .slice(-1)
      .map(({ text }) => lowerFirst(text))
      .join('')}`,
    rules: steps.map((step, index) => ({ ...step, decides: index === steps.length - 1 })),
    previousMs: previousOf(revision, atMs),
    nextMs: nextOf(revision, atMs),
  };
}

function beginning(verdict: WhyFinding['verdict'], { atMs, nowMs }: WhyFacts): string {
  switch (verdict) {
    case 'ran':
      return 'It ran';
    case 'running':
      return 'It is running';
    case 'will-run':
      return 'It will run';
    case 'did-not-run':
      return 'It did not run';
    case 'not-scheduled':
      return atMs > nowMs ? 'It is not scheduled' : 'It was not scheduled';
    case 'unknown':
      return 'It is not known whether it ran';
  }
}

function previousOf({ schedule, firstMs, lastSlotMs }: WhyRevision, atMs: number): number | null {
  if (schedule.kind === 'immediate') return firstMs !== null && firstMs < atMs ? firstMs : null;
  return previousInstant(schedule, Math.min(atMs, (lastSlotMs ?? Infinity) + 1)) ?? null;
}

function nextOf({ schedule, firstMs, lastSlotMs }: WhyRevision, atMs: number): number | null {
  if (schedule.kind === 'immediate') return firstMs !== null && firstMs > atMs ? firstMs : null;
  const [nextMs] = nextInstants(schedule, atMs, 1);
  return nextMs === undefined || nextMs > (lastSlotMs ?? Infinity) ? null : nextMs;
}
