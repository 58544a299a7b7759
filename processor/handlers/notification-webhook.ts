import { z } from 'zod';

import type { OutboundHttp } from '../outbound-http.ts';
import { defineTaskType, type OccurrenceInfo, type TaskType } from '../task-type.ts';
import { callOut, requireStatus } from './http-answer.ts';
import { HttpHeaders, HttpUrl } from './http-request.ts';

const Payload = z.strictObject({
  url: HttpUrl,
  message: z.string().min(1).max(10_000).meta({ description: 'What to say.' }),
  headers: HttpHeaders.default({}),
  data: z.json().optional().meta({ description: 'Anything more that the receiver wants; passed on as it is.' }),
});

/** Posts a message about its occurrence to a URL. */
export function createNotificationWebhook(http: OutboundHttp): TaskType {
  return defineTaskType({
    name: 'notification.webhook',
    title: 'Webhook',
    description: 'Posts a message, with the task and the occurrence it is about, as JSON to a URL.',
    payload: Payload,
    timeoutMs: 30_000,
    retry: { maxAttempts: 5 },
    estimateMs: 300,
    examplePayload: { url: 'https://example.org/hooks/lab', message: 'The nightly run has started.' },
    async run(context) {
      const { url, headers, message, data } = context.payload;
      const response = await callOut(http, context, {
        method: 'POST',
        url,
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...about(context.occurrence), message, ...(data !== undefined && { data }) }),
        maxResponseBytes: MAX_RESPONSE_BYTES,
        maxRedirects: 0,
      });
      requireStatus(context, response, undefined);
      return { status: response.status };
    },
  });
}

const MAX_RESPONSE_BYTES = 4_096;

function about(occurrence: OccurrenceInfo) {
  return {
    task: { id: occurrence.taskId, name: occurrence.taskName, labels: occurrence.labels },
    occurrence: {
      id: occurrence.id,
      scheduledTime: occurrence.scheduledTime.toISOString(),
      attempt: occurrence.attempt,
    },
    recipients: occurrence.recipients,
  };
}
