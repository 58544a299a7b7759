import assert from 'node:assert/strict';

import { CalendarName } from '../../../api/contract/exclusion.ts';
import { type Ledger } from '../../../api/contract/ledger.ts';
import { nameOfTitle, nameProblem } from '../../../web/src/calendars/calendarName.ts';
import { ledgerWindow } from '../../../web/src/ledger/ledgerWindows.ts';
import { dayShares, ledgerSentence } from '../../../web/src/ledger/ledgerWords.ts';

describe('the ledger in words', () => {
  const counts = { expected: 0, accounted: 0, pending: 0, unaccounted: 0, unexpected: 0 };
  const ledger = (changes: Partial<Ledger>): Ledger => ({
    from: '2026-11-20T09:00:00.000Z',
    until: '2026-11-21T09:00:00.000Z',
    ...counts,
    statuses: {},
    days: [],
    problems: [],
    ...changes,
  });

  it('says that nothing was lost when every occurrence is recorded', () => {
    assert.equal(
      ledgerSentence(ledger({ expected: 1_440, accounted: 1_440 })),
      'Nothing was lost: the schedules called for 1,440 occurrences, and every one is recorded.',
    );
    assert.match(
      ledgerSentence(ledger({ expected: 3, accounted: 2, pending: 1 })),
      /every one is recorded\. 2 have ended, 1 is still to end\.$/,
    );
  });

  it('does not say so of an empty window, and names a fault as one', () => {
    assert.equal(ledgerSentence(ledger({})), 'The schedules called for nothing in this window.');
    assert.match(
      ledgerSentence(ledger({ expected: 5, accounted: 3, unaccounted: 2 })),
      /2 of them are not recorded.*fault/,
    );
    assert.match(
      ledgerSentence(ledger({ expected: 5, accounted: 5, unexpected: 1 })),
      /1 is recorded though no schedule called for it/,
    );
  });

  it('gives each part of a day its share, and an empty day none', () => {
    assert.deepEqual(dayShares({ ...counts, accounted: 3, pending: 1 }), {
      accounted: 75,
      pending: 25,
      unaccounted: 0,
    });
    assert.deepEqual(dayShares(counts), { accounted: 0, pending: 0, unaccounted: 0 });
  });

  it('asks for a window that ends where it was told', () => {
    assert.deepEqual(ledgerWindow('7d', Date.parse('2026-11-21T09:00:00Z')), {
      from: '2026-11-14T09:00:00.000Z',
      until: '2026-11-21T09:00:00.000Z',
    });
  });
});

describe('the name of a calendar', () => {
  it('comes from its title or its file', () => {
    for (const [title, name] of [
      ['Holidays in Italy', 'holidays-in-italy'],
      ['Feiertage Österreich.ics', 'feiertage-osterreich'],
      ['  --  ', ''],
    ] as const) {
      assert.equal(nameOfTitle(title), name);
    }
  });

  it('is taken exactly when the contract takes it and nobody has it', () => {
    for (const name of ['holidays-it', '2026', 'Holidays', '-x', '', 'a'.repeat(64), 'a_b']) {
      assert.equal(nameProblem(name, []) === undefined, CalendarName.safeParse(name).success, name);
    }
    assert.match(nameProblem('holidays-it', ['holidays-it']) ?? '', /already/);
  });
});
