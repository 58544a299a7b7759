import { z } from 'zod';

import { type FieldError, InvalidInputError } from '../core/errors.ts';
import type { RetryPolicy } from '../core/retry.ts';

/**
 * Declares a kind of work: what its payload looks like, how long it may take, and what it does.
 * @throws TaskTypeError with every mistake of the definition in one message.
 */
export function defineTaskType<P>(definition: TaskTypeDefinition<P>): TaskType {
  const problems = problemsOf(definition);
  if (problems.length > 0) throw new TaskTypeError(nameOf(definition), problems);

  const { payload } = definition;
  const taskType: TaskType = {
    name: definition.name,
    title: definition.title ?? definition.name,
    description: definition.description ?? '',
    pool: definition.pool ?? 'default',
    timeoutMs: definition.timeoutMs,
    retry: { ...DEFAULT_RETRY, ...definition.retry },
    estimateMs: definition.estimateMs,
    payloadSchema: jsonSchemaOf(payload),
    examplePayload: definition.examplePayload ?? {},
    enabled: definition.enabled ?? true,
    parsePayload: (input) => {
      const parsed = payload.safeParse(input);
      if (parsed.success) return parsed.data;
      throw new InvalidInputError(fieldErrorsOf(parsed.error));
    },
    // The payload was parsed with this very schema, so its type is P.
    run: (context) => definition.run(context as RunContext<P>),
  };
  Object.defineProperty(taskType, TASK_TYPE_MARK, { value: true });
  return Object.freeze(taskType);
}

/** What a handler's author writes. Durations in ms. */
export interface TaskTypeDefinition<P> {
  /** Lower-case words joined by dots or hyphens, such as `plate.read`. */
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** The group of processors that runs it; `default` when left out. */
  readonly pool?: string;
  readonly payload: z.ZodType<P>;
  /** How long one attempt may take; a task may ask for another value. */
  readonly timeoutMs: number;
  readonly retry?: Partial<RetryPolicy>;
  /** How long a run takes, as far as you know: the forecast uses it until there is history. */
  readonly estimateMs: number;
  /** Shown in the form as a start; must fit the schema. */
  readonly examplePayload?: Readonly<Record<string, unknown>>;
  /** `false` for a type that exists but is switched off here: its attempts fail at once and say so. */
  readonly enabled?: boolean;
  /** Does the work. Returns JSON or nothing, now or as a promise; whatever it throws is a failed attempt. */
  run(context: RunContext<P>): unknown;
}

/** A kind of work, ready to run; made by `defineTaskType` only. */
export interface TaskType {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly pool: string;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly estimateMs: number;
  /** JSON Schema 2020-12 of the payload as it is posted. */
  readonly payloadSchema: Readonly<Record<string, unknown>>;
  readonly examplePayload: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  /** @throws InvalidInputError with the path of every field that does not fit. */
  parsePayload(input: unknown): unknown;
  run(context: RunContext<unknown>): unknown;
}

/** What a handler is given for one attempt. Its functions may be taken apart from it. */
export interface RunContext<P> {
  readonly payload: P;
  readonly occurrence: OccurrenceInfo;
  /** Aborts at the time-out, when somebody ends the attempt, and when the processor must stop; its reason says which. A handler that waits must honour it. */
  readonly signal: AbortSignal;
  readonly log: HandlerLog;
  /** Ends the attempt as failed. Retryable unless said otherwise; `retryAfterMs` is the other side's wish, if it has one. */
  readonly fail: (message: string, options?: FailOptions) => never;
  /** Records a notification, which is sent when the attempt is recorded. */
  readonly notify: (recipient: string, message: string) => void;
}

export interface OccurrenceInfo {
  readonly id: string;
  readonly taskId: string;
  readonly taskName: string;
  readonly scheduledTime: Date;
  /** 1 for the first try. */
  readonly attempt: number;
  /** The same for every attempt of an occurrence: pass it on, and the other side can recognise a repetition. */
  readonly idempotencyKey: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly recipients: readonly string[];
}

export interface HandlerLog {
  readonly debug: (message: string) => void;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string) => void;
}

export interface FailOptions {
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

/** A definition that can not work. */
export class TaskTypeError extends Error {
  constructor(name: string, problems: readonly string[]) {
    super(`The task type ${name} is not usable: ${problems.join('; ')}.`);
    this.name = 'TaskTypeError';
  }
}

/** Whether a value came from `defineTaskType`, of this copy of the package or another one. */
export function isTaskType(value: unknown): value is TaskType {
  return typeof value === 'object' && value !== null && TASK_TYPE_MARK in value;
}

const TASK_TYPE_MARK = Symbol.for('almanac.task-type');
const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 3, backoff: 'exponential', firstDelayMs: 1_000, maxDelayMs: 60_000 };
const MAX_TIMEOUT_MS = 604_800_000;

/** The same grammar as the API's; the two are kept apart because processors and the API do not import each other. */
const NAME = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/;
const POOL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Definitions come from JavaScript too, so nothing that the types promise is taken for granted. */
const Definition = z.object({
  name: z.string('name must be text').max(100, 'name must have at most 100 characters').regex(NAME, {
    error: 'name must be lower-case words joined by dots or hyphens, such as plate.read',
  }),
  title: z.string('title must be text').optional(),
  description: z.string('description must be text').optional(),
  pool: z.string('pool must be text').regex(POOL, 'pool must be lower-case letters, digits and hyphens').optional(),
  payload: z.custom<z.ZodType>(isZodSchema, 'payload must be a zod 4 schema, such as z.object({})'),
  timeoutMs: z
    .int('timeoutMs must be a whole number of milliseconds')
    .min(1, 'timeoutMs must be at least 1')
    .max(MAX_TIMEOUT_MS, 'timeoutMs must be at most a week'),
  retry: z
    .strictObject(
      {
        maxAttempts: z.int('retry.maxAttempts must be from 1 to 100').min(1).max(100).optional(),
        backoff: z.enum(['fixed', 'exponential'], 'retry.backoff must be fixed or exponential').optional(),
        firstDelayMs: z.int('retry.firstDelayMs must be from 0 to a day').min(0).max(86_400_000).optional(),
        maxDelayMs: z.int('retry.maxDelayMs must be from 0 to a day').min(0).max(86_400_000).optional(),
      },
      'retry must be an object with maxAttempts, backoff, firstDelayMs and maxDelayMs',
    )
    .optional(),
  estimateMs: z.number('estimateMs must be a number of milliseconds').min(0, 'estimateMs must not be negative'),
  examplePayload: z.record(z.string(), z.json(), 'examplePayload must be a JSON object').optional(),
  enabled: z.boolean('enabled must be true or false').optional(),
  run: z.custom((value) => typeof value === 'function', 'run must be a function'),
});

function problemsOf<P>(definition: TaskTypeDefinition<P>): readonly string[] {
  const checked = Definition.safeParse(definition);
  if (!checked.success) return checked.error.issues.map((issue) => issue.message);
  const problems: string[] = [];
  try {
    const schema = jsonSchemaOf(definition.payload);
    if (schema.type !== undefined && schema.type !== 'object') problems.push('payload must describe an object');
    if (definition.examplePayload !== undefined) {
      const example = definition.payload.safeParse(definition.examplePayload);
      for (const error of example.success ? [] : fieldErrorsOf(example.error))
        problems.push(`examplePayload does not fit the schema: ${error.path} ${error.message}`);
    }
  } catch (error) {
    problems.push(`payload can not be written as JSON Schema: ${error instanceof Error ? error.message : 'unknown'}`);
  }
  return problems;
}

/** The schema of what is posted; parts that JSON Schema can not say are left open there and checked when it runs. */
function jsonSchemaOf(payload: z.ZodType): Record<string, unknown> {
  const schema = z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any' });
  return JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
}

function fieldErrorsOf(error: z.ZodError): readonly FieldError[] {
  return error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
}

function isZodSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '_zod' in value && 'safeParse' in value;
}

function nameOf(definition: unknown): string {
  const name =
    typeof definition === 'object' && definition !== null && 'name' in definition ? definition.name : undefined;
  return typeof name === 'string' ? JSON.stringify(name.slice(0, 100)) : 'without a name';
}
