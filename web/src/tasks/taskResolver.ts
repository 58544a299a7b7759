import { toNestErrors } from '@hookform/resolvers';
import type { FieldError, FieldErrors, Resolver } from 'react-hook-form';
import { z } from 'zod';

import { TaskInput } from '../../../api/contract/task.ts';
import type { TaskTypeInfo } from '../api/shapes.ts';
import { fieldOfPath } from './fieldOfPath.ts';
import { draftOfValues, type FieldProblem } from './taskDraft.ts';
import type { TaskFormValues } from './taskFormValues.ts';

/** Checks the form with the contract itself, and the payload with the JSON Schema of its task type. */
export function taskResolver(types: readonly TaskTypeInfo[]): Resolver<TaskFormValues> {
  return (values, _context, options) => {
    const problems = problemsOf(values, types);
    if (problems.length === 0) return { values, errors: {} };
    const flat: Record<string, FieldError> = {};
    for (const { field, message } of problems) flat[field] ??= { type: 'validate', message };
    return { values: {}, errors: toNestErrors(flat as FieldErrors<TaskFormValues>, options) };
  };
}

function problemsOf(values: TaskFormValues, types: readonly TaskTypeInfo[]): FieldProblem[] {
  const { draft, problems } = draftOfValues(values);
  const labelKeys = values.labels.map(({ key }) => key.trim());
  const found = [...problems];
  const parsed = TaskInput.safeParse(draft);
  for (const issue of parsed.error?.issues ?? []) {
    found.push({ field: fieldOfPath(issue.path, labelKeys), message: sentence(issue.path[0], issue.message) });
  }
  const type = types.find(({ name }) => name === values.taskType);
  if (type !== undefined && !found.some(({ field }) => field === 'payloadText')) {
    found.push(...payloadProblems(draft.payload ?? {}, type).map((message) => ({ field: 'payloadText', message })));
  }
  return found;
}

/** What the payload's schema says against it. A schema that zod can not read is left to the server, which checks anyway. */
function payloadProblems(payload: unknown, type: TaskTypeInfo): string[] {
  try {
    const schema = z.fromJSONSchema(type.payloadSchema);
    const issues = schema.safeParse(payload).error?.issues ?? [];
    return issues.length === 0
      ? []
      : [issues.map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`).join('; ')];
  } catch {
    return [];
  }
}

function sentence(part: PropertyKey | undefined, message: string): string {
  if (part === 'name') return 'Give the task a name of up to 200 characters.';
  if (part === 'taskType') return 'Choose what kind of work this is.';
  return message.charAt(0).toUpperCase() + message.slice(1);
}
