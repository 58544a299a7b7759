import type { OutboundHttp, OutboundRequest, OutboundResponse } from '../outbound-http.ts';
import type { OccurrenceInfo, RunContext } from '../task-type.ts';

type Context = Pick<RunContext<unknown>, 'fail' | 'log' | 'occurrence' | 'signal'>;

/** Sends one request with the headers by which a receiver recognises a repetition, and logs how it was answered. */
export async function callOut(
  http: OutboundHttp,
  context: Context,
  request: Omit<OutboundRequest, 'signal'>,
): Promise<OutboundResponse> {
  const response = await http.send({
    ...request,
    headers: { 'user-agent': 'almanac', ...lowerCased(request.headers), ...repetitionHeaders(context.occurrence) },
    signal: context.signal,
  });
  context.log.info(`${request.method} ${shownUrl(response.url)} answered ${response.status}.`);
  return response;
}

/**
 * Ends the attempt as failed unless the status is one of those expected (any 2xx when undefined). Trying again is worth it for what the
 * server can get over: 5xx, time-out, too early, too many requests; its Retry-After is passed on.
 */
export function requireStatus(
  context: Pick<Context, 'fail'>,
  response: OutboundResponse,
  expected: readonly number[] | undefined,
): void {
  const { status } = response;
  if (expected === undefined ? status >= 200 && status < 300 : expected.includes(status)) return;
  const wanted = expected === undefined ? 'a status from 200 to 299' : `the status ${expected.join(' or ')}`;
  const said = response.body.toString('utf8', 0, 300).trim();
  const retryAfterMs = retryAfterOf(response, Date.now());
  const redirect = status >= 300 && status < 400 ? ' It is a redirect that was not followed.' : '';
  context.fail(`The answer was ${status}, not ${wanted}.${redirect}${said === '' ? '' : ` It said: ${said}`}`, {
    retryable: isPassing(status),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Whether a server that answers so may answer otherwise later. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/** The Retry-After header, given in seconds or as an HTTP date, as ms from `nowMs`. */
export function retryAfterOf(response: Pick<OutboundResponse, 'headers'>, nowMs: number): number | undefined {
  const header = response.headers['retry-after']?.trim();
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const atMs = /^[A-Za-z]{3},/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** The query may carry a secret, and the log is read by many. */
function shownUrl(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

function repetitionHeaders(occurrence: OccurrenceInfo): Record<string, string> {
  return { 'idempotency-key': occurrence.idempotencyKey, 'x-attempt': String(occurrence.attempt) };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
