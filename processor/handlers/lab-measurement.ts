import { z } from 'zod';

import type { OutboundHttp, OutboundResponse } from '../outbound-http.ts';
import { defineTaskType, type RunContext, type TaskType } from '../task-type.ts';
import { callOut, requireStatus, retryAfterOf } from './http-answer.ts';
import { HttpUrl } from './http-request.ts';
import { analyse } from './measurement-analysis.ts';

const Payload = z.strictObject({
  instrument: HttpUrl.meta({ description: "Address of the instrument's HTTP API." }),
  measurement: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, { error: 'expected lower-case letters, digits and hyphens, such as ph' })
    .meta({ description: 'What to measure, by the name that the instrument gives it.' }),
  samples: z.int().min(1).max(10_000).default(20).meta({ description: 'How many values to ask for.' }),
  unit: z.string().min(1).max(30).optional().meta({ description: 'The unit that the values must have.' }),
});

/** What an instrument answers; its numbers are not to be trusted before they are checked. */
const Reading = z.object({ unit: z.string().max(30), values: z.array(z.number()).min(1).max(10_000) });

/** Asks an instrument for a measurement and keeps the analysis of the numbers. */
export function createLabMeasurement(http: OutboundHttp): TaskType {
  return defineTaskType({
    name: 'lab.measurement',
    title: 'Measurement',
    description: 'Asks an instrument for a measurement and analyses the values: mean, deviation, range, outliers.',
    payload: Payload,
    timeoutMs: 60_000,
    retry: { maxAttempts: 5, firstDelayMs: 2_000 },
    estimateMs: 500,
    examplePayload: { instrument: 'https://instruments.example.org/ph-meter', measurement: 'ph', samples: 20 },
    async run(context) {
      const { instrument, measurement, samples, unit } = context.payload;
      const response = await callOut(http, context, {
        method: 'POST',
        url: `${instrument.replace(/\/+$/, '')}/measurements`,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ measurement, samples }),
        maxResponseBytes: MAX_RESPONSE_BYTES,
        maxRedirects: 0,
      });
      failWhenBusy(context, response);
      requireStatus(context, response, undefined);
      const reading = readingOf(context, response);
      if (unit !== undefined && reading.unit !== unit)
        return context.fail(`The instrument measures in ${reading.unit}, not in ${unit}.`, { retryable: false });

      const analysis = analyse(reading.values);
      context.log.info(`${measurement}: ${analysis.count} values, mean ${analysis.mean} ${reading.unit}.`);
      if (analysis.outliers.length > 0) context.log.warn(`Beyond three deviations: ${analysis.outliers.join(', ')}.`);
      return { measurement, unit: reading.unit, ...analysis };
    },
  });
}

const MAX_RESPONSE_BYTES = 1_048_576;
const BUSY_RETRY_MS = 2_000;

/** An instrument does one thing at a time: 409 and 503 say that it does another one now. */
function failWhenBusy(context: Pick<RunContext<unknown>, 'fail'>, response: OutboundResponse): void {
  if (response.status !== 409 && response.status !== 503) return;
  const retryAfterMs = retryAfterOf(response, Date.now()) ?? BUSY_RETRY_MS;
  context.fail(`The instrument is busy (it answered ${response.status}).`, { retryable: true, retryAfterMs });
}

function readingOf(context: Pick<RunContext<unknown>, 'fail'>, response: OutboundResponse): z.infer<typeof Reading> {
  let body: unknown;
  try {
    body = JSON.parse(response.body.toString('utf8'));
  } catch {
    return context.fail('The instrument did not answer with JSON.');
  }
  const reading = Reading.safeParse(body);
  if (reading.success) return reading.data;
  const first = reading.error.issues[0];
  return context.fail(`The answer is not a reading: ${first?.path.join('.') ?? ''} ${first?.message ?? ''}`);
}
