import type { TaskDraft, TaskTypeInfo } from '../api/shapes.ts';
import { draftOfValues } from './taskDraft.ts';
import type { TaskFormValues } from './taskFormValues.ts';

/** The fields that say when; what else is wrong in the form does not keep the next runs from being shown. */
const WHEN_FIELDS = /^(?:timeZone|startsAt|endsAt|maxRuns|every|calendars|blackouts\.|expressions\.)/;

export interface PlanQuestion {
  /** A draft that differs from the form's in everything but its times; null when there is nothing to ask. */
  readonly draft: TaskDraft | null;
  /** What is wrong with the times themselves. */
  readonly problem: string | null;
}

/** What to ask the server about the next runs of the schedule in the form. */
export function planQuestion(values: TaskFormValues, type: TaskTypeInfo | undefined): PlanQuestion {
  if (values.when !== 'recurring') return { draft: null, problem: null };
  const { draft, problems } = draftOfValues(values);
  const problem = problems.find(({ field }) => WHEN_FIELDS.test(field));
  if (problem !== undefined) return { draft: null, problem: problem.message };
  if (values.repeat === 'cron' && values.expressions.every(({ text }) => text.trim() === '')) {
    return { draft: null, problem: null };
  }
  if (type === undefined) return { draft: null, problem: null };
  return {
    draft: {
      name: 'preview',
      taskType: type.name,
      payload: type.examplePayload,
      schedule: draft.schedule,
      policies: {
        dstGap: values.dstGap,
        dstRepeat: values.dstRepeat,
        placement: values.placement,
        ...(problems.some(({ field }) => field === 'flexibleWindow')
          ? {}
          : { flexibleWindowMs: draft.policies?.flexibleWindowMs ?? 0 }),
      },
      priority: values.priority,
    },
    problem: null,
  };
}
