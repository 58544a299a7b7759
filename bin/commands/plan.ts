import type { Argv } from 'yargs';
import { z } from 'zod';

import type { ForecastStep } from '../../api/contract/forecast.ts';
import type { PlanRow } from '../../core/demand-table.ts';
import { DAY_MS, SECOND_MS } from '../../core/duration.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { type FleetPlanSettings, PLAN_MODES, planFleet, type PlanMode } from '../../core/fleet-plan.ts';
import { maxPerStep, type Span, START_WINDOW_MS, sumPerStep } from '../../core/forecast.ts';
import { PRIORITIES } from '../../core/task.ts';
import { CommandError } from '../command-error.ts';
import { readDocumentFile } from '../document-file.ts';
import { readInstant } from '../read-instant.ts';

/** `almanac plan` */
export function addPlanCommand(cli: Argv): void {
  cli.command(
    'plan',
    'Plan the instances for work of a file, without any server: the planner alone',
    (command) =>
      command
        .option('rows', {
          type: 'string',
          nargs: 1, // lets a lone - be its value
          demandOption: true,
          describe: 'JSON file: [{"atMs","taskType","count","durationMs"}], with "priority" if wanted; - is stdin',
        })
        .option('mode', {
          choices: PLAN_MODES,
          default: PLAN_MODES[0],
          describe: 'Never below the formula, as few as start everything in time, or that where durations are measured',
        })
        .option('max', { type: 'number', default: 10_000, describe: 'Instances at most' })
        .option('min', { type: 'number', default: 0, describe: 'Instances at least' })
        .option('slots', { type: 'number', default: 1, describe: 'Slots of one instance' })
        .option('lead-ms', {
          type: 'number',
          default: 15_000,
          describe: 'How long before the work to ask for instances',
        })
        .option('tail-ms', { type: 'number', default: 10_000, describe: 'How long to keep them after it' })
        .option('closing-ms', { type: 'number', default: 60_000, describe: 'Shorter valleys are filled' })
        .option('from', {
          type: 'string',
          describe: 'Begin of the first step; the step of the first row when left out',
        })
        .option('hours', { type: 'number', describe: 'How far; to the end of the work when left out' })
        .option('step-ms', { type: 'number', default: 60_000, describe: 'Length of a step, in whole seconds' }),
    (options) => plan(options),
  );
}

interface PlanOptions {
  readonly rows: string;
  readonly mode: PlanMode;
  readonly max: number;
  readonly min: number;
  readonly slots: number;
  readonly leadMs: number;
  readonly tailMs: number;
  readonly closingMs: number;
  readonly from: string | undefined;
  readonly hours: number | undefined;
  readonly stepMs: number;
}

const MAX_SPAN_MS = 31 * DAY_MS;

const Rows = z.array(
  z.strictObject({
    atMs: z.int(),
    taskType: z.string().min(1).max(200),
    count: z.int().min(0),
    durationMs: z
      .number()
      .min(0)
      .max(DAY_MS * 366),
    priority: z.enum(PRIORITIES).optional(),
  }),
);

function plan(options: PlanOptions): void {
  const settings: FleetPlanSettings = {
    mode: options.mode,
    slotsPerReplica: whole('--slots', options.slots, 1),
    minReplicas: whole('--min', options.min, 0),
    maxReplicas: whole('--max', options.max, 0),
    leadTimeMs: whole('--lead-ms', options.leadMs, 0),
    tailMs: whole('--tail-ms', options.tailMs, 0),
    closingMs: whole('--closing-ms', options.closingMs, 0),
  };
  if (settings.minReplicas > settings.maxReplicas) throw new CommandError('--min: expected no more than --max');
  const stepMs = whole('--step-ms', options.stepMs, SECOND_MS);
  if (stepMs % SECOND_MS !== 0) throw new CommandError('--step-ms: expected whole seconds, such as 60000');
  const rows = readDocumentFile(options.rows, readRows);
  const span = spanOf(rows, options, stepMs);
  console.log(JSON.stringify({ steps: stepsOf(rows, span, settings, stepMs) }, null, 2));
}

function stepsOf(rows: readonly PlanRow[], span: Span, settings: FleetPlanSettings, stepMs: number): ForecastStep[] {
  const size = stepMs / SECOND_MS;
  const { required, planned, low, high, lateness } = planFleet(rows, span, settings);
  const [lows, highs, plans] = [low, high, planned].map((curve) => maxPerStep(curve, size));
  const late = sumPerStep(lateness.perSecond, size);
  return maxPerStep(required, size).map((requiredInstances, step) => ({
    at: new Date(span.fromMs + step * stepMs).toISOString(),
    requiredInstances,
    plannedInstances: plans?.[step] ?? null,
    low: lows?.[step] ?? null,
    high: highs?.[step] ?? null,
    limit: settings.maxReplicas,
    actualInstances: null,
    busyInstances: null,
    predictedLate: late[step] ?? 0,
    top: [],
  }));
}

/** Whole steps from the first row, or from where it was said, until the last run has ended. */
function spanOf(rows: readonly PlanRow[], { from, hours, tailMs }: PlanOptions, stepMs: number): Span {
  const firstMs = rows.reduce((first, { atMs }) => Math.min(first, atMs), Infinity);
  if (from === undefined && firstMs === Infinity) return { fromMs: 0, seconds: 0 };
  const beginMs = from === undefined ? firstMs : Date.parse(readInstant(from, Date.now()));
  const fromMs = Math.floor(beginMs / stepMs) * stepMs;
  const endMs = rows.reduce(
    (end, { atMs, durationMs }) => Math.max(end, atMs + START_WINDOW_MS + durationMs / 0.9),
    fromMs,
  );
  const lengthMs = hours === undefined ? endMs + tailMs - fromMs : hours * 3_600 * SECOND_MS;
  if (!(lengthMs >= 0 && lengthMs <= MAX_SPAN_MS)) {
    throw new CommandError('The plan would be longer than 31 days: say --from and --hours.');
  }
  return { fromMs, seconds: (Math.ceil(lengthMs / stepMs) * stepMs) / SECOND_MS };
}

/** @throws InvalidInputError with everything that is wrong. */
function readRows(text: string): PlanRow[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError([{ path: '', message: `not JSON: ${String(error)}` }], { cause: error });
  }
  const parsed = Rows.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(
    parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message })),
  );
}

function whole(option: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least) {
    throw new CommandError(`${option}: expected a whole number of at least ${least}`);
  }
  return value;
}
