import { z } from 'zod';

import { type OutboundHttp, type OutboundResponse } from '../outbound-http.ts';
import { HEADER_NAME, HEADER_VALUE, HTTP_URL } from '../outbound-rules.ts';
import { storableText } from '../storable.ts';
import { defineTaskType, type TaskType } from '../task-type.ts';
import { callOut, requireStatus } from './http-answer.ts';

export const HttpUrl = z
  .string()
  .max(2_000)
  .regex(HTTP_URL, { error: 'expected an http or https URL without credentials, such as https://example.org/path' });

export const HttpHeaders = z
  .record(
    z.string().regex(HEADER_NAME, { error: 'not a header that may be set' }),
    z.string().regex(HEADER_VALUE, { error: 'expected one line of printable characters' }),
  )
  .meta({
    description: 'Headers by name. Those that frame the message, and Idempotency-Key and X-Attempt, are set for you.',
  });

const MAX_BODY_LENGTH = 65_536;

const Payload = z
  .strictObject({
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
    url: HttpUrl,
    headers: HttpHeaders.default({}),
    body: z
      .union([z.strictObject({ json: z.json() }), z.strictObject({ text: z.string().max(MAX_BODY_LENGTH) })])
      .optional()
      .meta({ description: '{ "json": … } is sent as JSON, { "text": … } as it is.' }),
    expectStatus: z
      .union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1).max(20)])
      .optional()
      .meta({
        description: 'The status, or list of statuses, that means success. When left out: any from 200 to 299.',
      }),
    maxResponseBytes: z.int().min(0).max(10_485_760).default(1_048_576).meta({
      description: 'Reading the answer stops there.',
    }),
    followRedirects: z.boolean().default(false).meta({ description: 'Follow up to three, each checked like the URL.' }),
  })
  .refine((payload) => payload.body === undefined || (payload.method !== 'GET' && payload.method !== 'HEAD'), {
    path: ['body'],
    error: 'GET and HEAD have no body',
  });

/** Calls an HTTP API and keeps what it answered. */
export function createHttpRequest(http: OutboundHttp): TaskType {
  return defineTaskType({
    name: 'http.request',
    title: 'HTTP request',
    description: 'Calls an HTTP API: method, URL, headers, body; succeeds with the status that you expect.',
    payload: Payload,
    timeoutMs: 60_000,
    estimateMs: 400,
    examplePayload: { method: 'POST', url: 'https://example.org/hook', body: { json: { hello: 'world' } } },
    async run(context) {
      const { method, url, headers, body, expectStatus, maxResponseBytes, followRedirects } = context.payload;
      const content = contentOf(body);
      const response = await callOut(http, context, {
        method,
        url,
        // Names are lower-cased when sent, and the later of two wins: the payload's own content type.
        headers: { ...(content.type !== undefined && { 'content-type': content.type }), ...headers },
        ...(content.text !== undefined && { body: content.text }),
        maxResponseBytes,
        maxRedirects: followRedirects ? MAX_REDIRECTS : 0,
      });
      requireStatus(context, response, typeof expectStatus === 'number' ? [expectStatus] : expectStatus);
      return resultOf(response);
    },
  });
}

const MAX_REDIRECTS = 3;
const PREVIEW_BYTES = 16_384;
const KEPT_HEADERS = ['content-type', 'content-length', 'date', 'etag', 'last-modified', 'location', 'x-request-id'];

function contentOf(body: z.infer<typeof Payload>['body']): { readonly type?: string; readonly text?: string } {
  if (body === undefined) return {};
  if ('text' in body) return { type: 'text/plain; charset=utf-8', text: body.text };
  return { type: 'application/json', text: JSON.stringify(body.json) };
}

function resultOf(response: OutboundResponse) {
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = response.headers[name];
    if (value !== undefined) headers[name] = storableText(value, 1_024);
  }
  return {
    status: response.status,
    headers,
    bodyPreview: storableText(response.body.toString('utf8'), PREVIEW_BYTES),
    bodyBytes: response.body.length,
    truncated: response.truncated,
  };
}
