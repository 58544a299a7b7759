import { toNestErrors } from '@hookform/resolvers';
import type { FieldError, FieldErrors, Resolver } from 'react-hook-form';

import { TaskInput } from '../../../api/contract/task.ts';
import { fieldOfPath } from './fieldOfPath.ts';
import { draftOfValues, type FieldProblem } from './taskDraft.ts';
import type { TaskFormValues } from './taskFormValues.ts';

/** Checks the form with the contract itself. What only the server knows, such as the types there are, is left to it. */
export const taskResolver: Resolver<TaskFormValues> = (values, _context, options) => {
  const problems = problemsOf(values);
  if (problems.length === 0) return { values, errors: {} };
  const flat: Record<string, FieldError> = {};
  for (const { field, message } of problems) flat[field] ??= { type: 'validate', message };
  return { values: {}, errors: toNestErrors(flat as FieldErrors<TaskFormValues>, options) };
};

function problemsOf(values: TaskFormValues): FieldProblem[] {
  const { draft, problems } = draftOfValues(values);
  const labelKeys = values.labels.map(({ key }) => key.trim());
  const found = [...problems];
  const parsed = TaskInput.safeParse(draft);
  for (const issue of parsed.error?.issues ?? []) {
    found.push({ field: fieldOfPath(issue.path, labelKeys), message: sentence(issue.path[0], issue.message) });
  }
  return found;
}

function sentence(part: PropertyKey | undefined, message: string): string {
  if (part === 'name') return 'Give the task a name of up to 200 characters.';
  if (part === 'taskType') return 'Choose what kind of work this is.';
  return message.charAt(0).toUpperCase() + message.slice(1);
}
