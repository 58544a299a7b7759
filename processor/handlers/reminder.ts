import { z } from 'zod';

import { defineTaskType } from '../task-type.ts';

const Payload = z.strictObject({
  message: z.string().min(1).max(2_000).meta({ description: 'What to remind of.' }),
});

/** Sends a message to the recipients of its task. */
export const reminder = defineTaskType({
  name: 'reminder',
  title: 'Reminder',
  description: 'Sends a message to the recipients of the task.',
  payload: Payload,
  timeoutMs: 30_000,
  estimateMs: 5,
  examplePayload: { message: 'Calibrate the pH meter.' },
  run({ payload, occurrence, notify, log }) {
    for (const recipient of occurrence.recipients) notify(recipient, payload.message);
    const to =
      occurrence.recipients.length === 0 ? 'nobody: the task has no recipients' : occurrence.recipients.join(', ');
    log.info(`Reminder to ${to}: ${payload.message}`);
    return { message: payload.message, recipients: occurrence.recipients.length };
  },
});
