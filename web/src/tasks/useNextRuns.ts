import { useEffect, useState } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';
import { useParams } from 'react-router';

import { ApiError } from '../api/client.ts';
import type { CronRunNote, PriceTag, TaskDraft, TaskTypeInfo } from '../api/shapes.ts';
import { type CronQuestion, useCronPreviews, useTaskTypes } from '../api/system.ts';
import { usePlan } from '../api/tasks.ts';
import { planQuestion } from './planQuestion.ts';
import type { TaskFormValues } from './taskFormValues.ts';

const TYPING_PAUSE_MS = 350;

interface NextRuns {
  /** The schedule in words. */
  readonly description: string | null;
  readonly runs: readonly { readonly at: string; readonly note: CronRunNote | null }[];
  readonly warnings: readonly string[];
  /** What it costs; null while nobody knows. */
  readonly price: PriceTag | null;
  /** What is wrong with the schedule, as a sentence. */
  readonly problem: string | null;
  readonly loading: boolean;
}

/** What the engine says about the schedule in the form, a moment after the typing stops: calendars, windows and bounds included. */
export function useNextRuns(): NextRuns {
  const { control } = useFormContext<TaskFormValues>();
  const values = useWatch({ control }) as TaskFormValues;
  const types = useTaskTypes().data?.items ?? [];
  const question = planQuestion(values, typeFor(values, types));
  const settled = useSettled(question.draft);
  const { taskId = null } = useParams(); // of the task that is edited
  const plan = usePlan(settled, taskId);
  const current = question.draft === null || plan.isError ? undefined : plan.data;
  const notes = useNotes(settled, current?.nextRuns[0]);
  return {
    description: current?.scheduleText ?? null,
    runs: (current?.nextRuns ?? []).map((at) => ({ at, note: notes.get(at) ?? null })),
    warnings: current?.warnings ?? [],
    price: values.taskType === '' ? null : (current?.capacity ?? null),
    problem: question.problem ?? (plan.error === null || question.draft === null ? null : sentenceOf(plan.error)),
    loading: plan.isFetching,
  };
}

/** What the clock changes do to the runs. */
function useNotes(draft: TaskDraft | null, from: string | undefined): ReadonlyMap<string, CronRunNote> {
  const schedule = draft?.schedule;
  const expressions = schedule?.kind === 'cron' && from !== undefined ? schedule.expressions : [];
  const timeZone = schedule?.kind === 'cron' ? (schedule.timeZone ?? 'UTC') : 'UTC';
  // Times that are left out are not among the task's runs, but they are among the expression's.
  const leavesOut =
    schedule?.kind === 'cron' &&
    [schedule.calendars, schedule.blackouts].some((list) => list !== undefined && list.length > 0);
  const previews = useCronPreviews(
    expressions.map((expression): CronQuestion => ({
      expression,
      timeZone,
      from,
      dstGap: draft?.policies?.dstGap ?? 'shift',
      dstRepeat: draft?.policies?.dstRepeat ?? 'first',
      count: leavesOut ? 100 : 5,
    })),
  );
  const runs = previews.flatMap(({ data }) => data?.runs ?? []);
  return new Map(runs.flatMap(({ at, note }) => (note === null ? [] : [[at, note] as const])));
}

/** The question needs a type that exists; which one makes no difference to the times. */
function typeFor({ taskType }: TaskFormValues, types: readonly TaskTypeInfo[]): TaskTypeInfo | undefined {
  const usable = types.filter(({ enabled }) => enabled);
  return usable.find(({ name }) => name === taskType) ?? usable[0];
}

/** The draft as it was when the typing last paused. Compared as text: it is made anew at every key. */
function useSettled(draft: TaskDraft | null): TaskDraft | null {
  const text = JSON.stringify(draft);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return JSON.parse(settled) as TaskDraft | null;
}

function sentenceOf(error: Error): string {
  const errors = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  return errors[0]?.message ?? error.message;
}
