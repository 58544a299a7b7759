import { SECOND_MS } from './duration.ts';
import type { ReplicaDecision, ReplicaDecisionInput, ScaleControls } from './replicas.ts';

/** A decision as a sentence, with the numbers that it was taken on. */
export function decisionWords(decision: ReplicaDecision, input: ReplicaDecisionInput): string {
  const { currentReplicas, plannedReplicas, busyReplicas, controls } = input;
  const current = currentReplicas ?? 'an unknown number';
  const planned = plannedReplicas ?? 'an unknown number';
  const busy = busyReplicas ?? 'an unknown number';
  switch (decision.reason) {
    case 'no-forecast':
      return `The work ahead is not known, so ${current} stay.`;
    case 'target-unknown':
      return `How many there are is not known, so nothing changes; the plan wants ${planned}.`;
    case 'already-right':
      return `The plan wants ${planned}, and ${current} were asked for.`;
    case 'work-ahead':
      return `The plan wants ${planned} for the work ahead, and ${current} were asked for.`;
    case 'work-waits':
      return decision.kind === 'scale'
        ? `Work waits that no plan foresaw, and nothing is there to do it: ${decision.toReplicas} will.`
        : `The plan wants only ${planned}, but ${waiting(input)}, so ${current} stay.`;
    case 'work-over':
      return `The plan wants only ${planned}, nothing waits, and ${busy} are busy: ${current} are too many.`;
    case 'queue-unknown':
      return `The plan wants only ${planned}, but what waits or runs is not known, so ${current} stay.`;
    case 'replicas-busy':
      return `Fewer than ${current} are wanted, but ${busy} are busy.`;
    case 'plan-stale':
      return `The plan wants only ${planned}, but is ${seconds(input.planAgeMs)} old, so ${current} stay.`;
    case 'scale-out-paused':
      return `More than ${current} are wanted, but scaling out is paused.`;
    case 'scale-in-paused':
      return `Fewer than ${current} are wanted, but scaling in is paused.`;
    case 'override-held':
    case 'override':
      return `${overrideWords(controls)}; the plan wants ${planned}.`;
  }
}

/** What a person ordered, as a sentence. */
export function controlsWords(controls: ScaleControls & { readonly reason: string | null }): string {
  const parts = [
    ...(controls.mode === 'advisory' ? ['only say what would be done'] : []),
    ...(controls.override === undefined ? [] : [overrideWords(controls).replace('Hold', 'hold')]),
    ...(controls.scaleOutPaused ? ['scaling out is paused'] : []),
    ...(controls.scaleInPaused ? ['scaling in is paused'] : []),
  ];
  const orders = parts.length === 0 ? 'act by the plan' : parts.join('; ');
  return `Ordered: ${orders}.${controls.reason === null ? '' : ` Why: ${controls.reason}`}`;
}

function overrideWords({ override }: ScaleControls): string {
  if (override === undefined) return 'Nothing is held';
  return `Hold ${override.replicas} until ${new Date(override.untilMs).toISOString().replace('.000Z', 'Z')}`;
}

function waiting({ queuedTickets, overdue }: ReplicaDecisionInput): string {
  return `${queuedTickets ?? 'an unknown number of'} tickets wait and ${overdue ?? 'an unknown number of'} occurrences are overdue`;
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / SECOND_MS)} s`;
}
