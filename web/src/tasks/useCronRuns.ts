import { useEffect, useState } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';

import type { CronPreview } from '../api/shapes.ts';
import { type CronQuestion, useCronPreviews } from '../api/system.ts';
import { wallTimeToInstant } from '../time/wallTime.ts';
import { isKnownZone } from '../time/zonedParts.ts';
import type { TaskFormValues } from './taskFormValues.ts';

const TYPING_PAUSE_MS = 350;
const SHOWN_RUNS = 5;

interface CronRuns {
  readonly descriptions: readonly string[];
  /** The next runs of all expressions together, soonest first. */
  readonly runs: CronPreview['runs'];
  readonly warnings: readonly string[];
  readonly error: Error | null;
  readonly loading: boolean;
}

/** What the engine says about the expressions in the form, a moment after the typing stops. */
export function useCronRuns(): CronRuns {
  const { control } = useFormContext<TaskFormValues>();
  const [when, repeat, expressions, timeZone, startsAt, dstGap, dstRepeat] = useWatch({
    control,
    name: ['when', 'repeat', 'expressions', 'timeZone', 'startsAt', 'dstGap', 'dstRepeat'],
  });
  const wanted = when === 'recurring' && repeat === 'cron' && isKnownZone(timeZone);
  const start = wallTimeToInstant(startsAt, timeZone);
  const from = start.kind === 'unreadable' ? undefined : new Date(start.ms).toISOString();
  const questions = wanted
    ? expressions.map(({ text }): CronQuestion => ({ expression: text.trim(), timeZone, from, dstGap, dstRepeat }))
    : [];
  const previews = useCronPreviews(useSettled(questions));
  const answers = previews.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const runs = new Map(answers.flatMap((answer) => answer.runs.map((run) => [run.at, run] as const)));
  return {
    descriptions: answers.map(({ description }) => description),
    runs: [...runs.values()].sort((one, other) => Date.parse(one.at) - Date.parse(other.at)).slice(0, SHOWN_RUNS),
    warnings: [...new Set(answers.flatMap(({ warnings }) => warnings))],
    error: previews.find(({ error }) => error !== null)?.error ?? null,
    loading: previews.some(({ isFetching }) => isFetching),
  };
}

/** The questions as they were when the typing last paused. Compared as text: they are made anew at every key. */
function useSettled(questions: readonly CronQuestion[]): readonly CronQuestion[] {
  const text = JSON.stringify(questions);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return JSON.parse(settled) as CronQuestion[];
}
