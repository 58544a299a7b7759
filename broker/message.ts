import { type OccurrenceKey } from '../core/occurrence.ts';

/** What travels through the broker: some occurrences of one claim batch. The claim's number is the fence of them all. */
export interface Ticket {
  /** A bigint, carried as text. */
  readonly claimId: string;
  /** How much work its occurrences are expected to be together, in whole ms: processors pack their slots by it. */
  readonly workMs: number;
  /** 1 to `MAX_TICKET_OCCURRENCES` of them. */
  readonly occurrences: readonly OccurrenceKey[];
}

export type DecodedTicket =
  { readonly kind: 'ticket'; readonly ticket: Ticket } | { readonly kind: 'unreadable'; readonly cause: string };

export const MAX_TICKET_OCCURRENCES = 500;
export const MAX_TICKET_BYTES = 1024 * 1024;

const VERSION = 1;
const BIGINT = /^[1-9]\d{0,18}$/;
const MAX_BIGINT = '9223372036854775807';
/** Occurrence ids have room for 15 digits. */
const MAX_SCHEDULED_MS = 999_999_999_999_999;

/** @throws RangeError when the ticket carries no occurrence, or too many. */
export function encodeTicket(ticket: Ticket): Buffer {
  const count = ticket.occurrences.length;
  if (count < 1 || count > MAX_TICKET_OCCURRENCES) {
    throw new RangeError(`A ticket carries 1 to ${MAX_TICKET_OCCURRENCES} occurrences, not ${count}.`);
  }
  const entries = ticket.occurrences.map((occurrence) => [occurrence.taskId, occurrence.scheduledMs]);
  return Buffer.from(JSON.stringify({ v: VERSION, claim: ticket.claimId, work: ticket.workMs, entries }));
}

/** Reads what `encodeTicket` wrote, and says why it can not read anything else. Never throws; no I/O; cheap enough for every message. */
export function decodeTicket(body: Buffer): DecodedTicket {
  if (body.length > MAX_TICKET_BYTES) return unreadable(`the message has ${body.length} bytes; tickets are smaller`);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return unreadable('the message is not JSON');
  }
  if (!isRecord(value)) return unreadable('the message is not a JSON object');
  if (value.v !== VERSION) return unreadable(`the ticket is not of version ${VERSION}`);
  const claimId = value.claim;
  if (!isBigintText(claimId)) return unreadable('the claim is not a positive bigint as text');
  const workMs = value.work;
  if (!isWorkMs(workMs)) return unreadable('the work is not a whole number of milliseconds');
  const entries = value.entries;
  if (!Array.isArray(entries)) return unreadable('the entries are not a list');
  if (entries.length < 1 || entries.length > MAX_TICKET_OCCURRENCES) {
    return unreadable(`the ticket has ${entries.length} entries; 1 to ${MAX_TICKET_OCCURRENCES} are allowed`);
  }
  if (Object.keys(value).length !== 4) return unreadable('the ticket has fields that version 1 does not know');

  const occurrences: OccurrenceKey[] = [];
  for (const entry of entries as unknown[]) {
    if (!Array.isArray(entry) || entry.length !== 2) return unreadable('an entry is not a pair of task id and time');
    const [taskId, scheduledMs] = entry as [unknown, unknown];
    if (!isBigintText(taskId)) return unreadable('a task id is not a positive bigint as text');
    if (!isScheduledMs(scheduledMs)) return unreadable('a scheduled time is not in whole milliseconds since 1970');
    occurrences.push({ taskId, scheduledMs });
  }
  return { kind: 'ticket', ticket: { claimId, workMs, occurrences } };
}

function unreadable(cause: string): DecodedTicket {
  return { kind: 'unreadable', cause };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBigintText(value: unknown): value is string {
  return typeof value === 'string' && BIGINT.test(value) && (value.length < MAX_BIGINT.length || value <= MAX_BIGINT);
}

function isScheduledMs(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_SCHEDULED_MS;
}

function isWorkMs(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
