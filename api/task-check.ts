import { type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { type FieldError, InvalidInputError } from '../core/errors.ts';
import { checkSchedule } from '../core/schedule.ts';
import type { TaskTypeRow } from '../db/entities/task-type.ts';
import type { RequestedSchedule, TaskDefinition } from '../db/task-definition.ts';
import { settleSchedule } from '../db/task-timing.ts';
import { nearestName } from './nearest-name.ts';

/**
 * Checks what the contract's shapes can not: that the task type exists, that the payload fits it, and that the schedule means something.
 * @throws InvalidInputError with all of it at once.
 */
export type TaskCheck = (definition: TaskDefinition, taskTypes: readonly TaskTypeRow[]) => void;

/** Keeps the compiled payload schemas; one that a processor registers anew is compiled anew. */
export function createTaskCheck(maxRunsPerDay: number): TaskCheck {
  const compiled = new Map<string, { readonly text: string; readonly validate: ValidateFunction }>();
  const validatorOf = (taskType: TaskTypeRow): ValidateFunction => {
    const text = JSON.stringify(taskType.payloadSchema);
    const known = compiled.get(taskType.name);
    if (known?.text === text) return known.validate;
    // Formats are for readers here; the handler's own schema checks them when it runs.
    const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
    const validate = ajv.compile(taskType.payloadSchema);
    compiled.set(taskType.name, { text, validate });
    return validate;
  };

  return (definition, taskTypes) => {
    const errors: FieldError[] = [];
    const taskType = taskTypes.find((one) => one.name === definition.taskType);
    if (taskType?.enabled !== true) {
      errors.push({ path: 'taskType', message: describeUnknownType(definition.taskType, taskType, taskTypes) });
    } else {
      const validate = validatorOf(taskType);
      if (!validate(definition.payload)) errors.push(...(validate.errors ?? []).map(toFieldError));
    }
    const schedule = checkSchedule(withStart(definition.schedule), { maxRunsPerDay });
    errors.push(...schedule.errors.map(({ path, message }) => ({ path: `schedule.${path}`, message })));
    if (errors.length > 0) throw new InvalidInputError(errors);
  };
}

/** Whether the end lies after a start that is not known yet is asked when it is. */
function withStart(schedule: RequestedSchedule) {
  return settleSchedule(schedule, -Infinity, []);
}

function describeUnknownType(name: string, found: TaskTypeRow | undefined, taskTypes: readonly TaskTypeRow[]): string {
  if (found !== undefined) return `the task type ${name} is disabled`;
  const names = taskTypes.filter((taskType) => taskType.enabled).map((taskType) => taskType.name);
  if (names.length === 0) return `there is no task type ${name}: no processor has registered any yet`;
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `there is no task type ${name}; there are ${names.join(', ')}.${hint}`;
}

function toFieldError(error: ErrorObject): FieldError {
  const { instancePath, params, message = 'is not valid' } = error as ErrorObject<string, Record<string, unknown>>;
  const inside = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const missing = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  const path = ['payload', ...inside, ...(typeof missing === 'string' ? [missing] : [])].join('.');
  return { path, message: 'missingProperty' in params ? 'is required' : describe(message, params) };
}

function describe(message: string, params: Record<string, unknown>): string {
  if ('additionalProperty' in params || 'unevaluatedProperty' in params) return 'unknown field';
  if (Array.isArray(params.allowedValues)) return `${message}: ${params.allowedValues.map(String).join(', ')}`;
  return message;
}
