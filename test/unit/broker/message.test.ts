import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  decodeTicket,
  encodeTicket,
  MAX_TICKET_BYTES,
  MAX_TICKET_OCCURRENCES,
  type Ticket,
} from '../../../broker/message.ts';

const bigintText = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String);
const occurrence = fc
  .tuple(bigintText, fc.integer({ min: 0, max: 999_999_999_999_999 }))
  .map(([taskId, scheduledMs]) => ({ taskId, scheduledMs }));
const ticket: fc.Arbitrary<Ticket> = fc
  .tuple(bigintText, fc.nat(), fc.array(occurrence, { minLength: 1, maxLength: 20 }))
  .map(([claimId, workMs, occurrences]) => ({ claimId, workMs, occurrences }));

describe('a ticket', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(ticket, (value) => {
        assert.deepEqual(decodeTicket(encodeTicket(value)), { kind: 'ticket', ticket: value });
      }),
    );
  });

  it('has the documented form', () => {
    const body = encodeTicket({
      claimId: '7',
      workMs: 3,
      occurrences: [{ taskId: '42', scheduledMs: 1_763_712_000_000 }],
    });
    assert.equal(body.toString(), '{"v":1,"claim":"7","work":3,"entries":[["42",1763712000000]]}');
  });

  it('carries 1 to 500 occurrences', () => {
    const occurrences = Array.from({ length: MAX_TICKET_OCCURRENCES + 1 }, (_, index) => ({
      taskId: '9223372036854775807',
      scheduledMs: 1_763_712_000_000 + index,
    }));
    assert.throws(() => encodeTicket({ claimId: '1', workMs: 3, occurrences: [] }), RangeError);
    assert.throws(() => encodeTicket({ claimId: '1', workMs: 3, occurrences }), RangeError);
    const largest = encodeTicket({ claimId: '1', workMs: 3, occurrences: occurrences.slice(1) });
    assert.equal(decodeTicket(largest).kind, 'ticket');
    assert.ok(largest.length < MAX_TICKET_BYTES);
  });
});

describe('decodeTicket', () => {
  const entries = [['1', 1_000]];
  const unreadable: [name: string, body: unknown, cause: RegExp][] = [
    ['another version', { v: 2, claim: '1', work: 3, entries }, /version 1/],
    ['a version as text', { v: '1', claim: '1', work: 3, entries }, /version 1/],
    ['no version', { claim: '1', work: 3, entries }, /version 1/],
    ['a list', [1, '1', entries], /not a JSON object/],
    ['null', null, /not a JSON object/],
    ['a number', 7, /not a JSON object/],
    ['a claim as a number', { v: 1, claim: 1, entries }, /claim/],
    ['claim zero', { v: 1, claim: '0', work: 3, entries }, /claim/],
    ['a claim beyond bigint', { v: 1, claim: '9223372036854775808', entries }, /claim/],
    ['no work', { v: 1, claim: '1', entries }, /work/],
    ['work below zero', { v: 1, claim: '1', work: -1, entries }, /work/],
    ['work as text', { v: 1, claim: '1', work: '3', entries }, /work/],
    ['no entries', { v: 1, claim: '1', work: 3 }, /not a list/],
    ['entries that are a record', { v: 1, claim: '1', work: 3, entries: { 0: ['1', 1] } }, /not a list/],
    ['an empty list of entries', { v: 1, claim: '1', work: 3, entries: [] }, /0 entries/],
    [
      'too many entries',
      { v: 1, claim: '1', work: 3, entries: Array.from({ length: 501 }, () => ['1', 1]) },
      /501 entries/,
    ],
    ['an unknown field', { v: 1, claim: '1', work: 3, entries, extra: true }, /does not know/],
    ['an entry that is no pair', { v: 1, claim: '1', work: 3, entries: [['1']] }, /pair/],
    ['an entry with three parts', { v: 1, claim: '1', work: 3, entries: [['1', 1, 1]] }, /pair/],
    ['a task id as a number', { v: 1, claim: '1', work: 3, entries: [[1, 1]] }, /task id/],
    ['a task id with SQL', { v: 1, claim: '1', work: 3, entries: [["1'; drop table", 1]] }, /task id/],
    ['a time as text', { v: 1, claim: '1', work: 3, entries: [['1', '1000']] }, /scheduled time/],
    ['a time between milliseconds', { v: 1, claim: '1', work: 3, entries: [['1', 0.5]] }, /scheduled time/],
    ['a negative time', { v: 1, claim: '1', work: 3, entries: [['1', -1]] }, /scheduled time/],
    ['a time beyond 15 digits', { v: 1, claim: '1', work: 3, entries: [['1', 1e15]] }, /scheduled time/],
  ];
  for (const [name, body, cause] of unreadable) {
    it(`finds ${name} unreadable`, () => {
      const decoded = decodeTicket(Buffer.from(JSON.stringify(body)));
      assert.equal(decoded.kind, 'unreadable');
      assert.match(decoded.cause, cause);
    });
  }

  it('finds a message over 1 MiB unreadable without reading it', () => {
    const body = Buffer.alloc(MAX_TICKET_BYTES + 1, ' ');
    assert.deepEqual(decodeTicket(body), {
      kind: 'unreadable',
      cause: `the message has ${MAX_TICKET_BYTES + 1} bytes; tickets are smaller`,
    });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(decodeTicket(Buffer.from(bytes)).kind, 'unreadable');
      }),
    );
  });

  it('never throws, whatever the JSON, and reads only what could have been written', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const decoded = decodeTicket(Buffer.from(text));
        if (decoded.kind === 'ticket') assert.deepEqual(decodeTicket(encodeTicket(decoded.ticket)), decoded);
      }),
    );
  });

  it('reads a ticket with one changed byte only as another well-formed ticket', () => {
    fc.assert(
      fc.property(ticket, fc.nat(), fc.integer({ min: 0, max: 255 }), (value, position, byte) => {
        const body = encodeTicket(value);
        body[position % body.length] = byte;
        const decoded = decodeTicket(body);
        if (decoded.kind === 'ticket') assert.equal(encodeTicket(decoded.ticket).length > 0, true);
        else assert.ok(decoded.cause.length > 0);
      }),
    );
  });
});
