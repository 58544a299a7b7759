import assert from 'node:assert/strict';

import { z } from 'zod';

import { ConfigurationError, parseEnv } from '../../../runtime/env.ts';

const SCHEMA = z.object({
  APP_PORT: z.coerce.number({ error: 'expected a number' }).max(65_535, 'expected at most 65535').default(8_080),
  APP_NAME: z.string().optional(),
  DATABASE_URL: z.url({ error: 'expected an address' }).optional(),
});

describe('parseEnv', () => {
  it('reads what is set, takes defaults for the rest, and takes an empty variable for not set', () => {
    assert.deepEqual(parseEnv(SCHEMA, { APP_NAME: 'x', APP_PORT: '', HOME: '/root' }, 'APP_'), {
      APP_PORT: 8_080,
      APP_NAME: 'x',
    });
  });

  it('tells every problem at once, with what was given and the nearest name, but never the text of an address', () => {
    assert.throws(
      () =>
        parseEnv(SCHEMA, { APP_PORT: '70000', DATABASE_URL: 'secret', APP_PROT: '1', APP_SOMETHING_ELSE: '1' }, 'APP_'),
      (error: unknown) => {
        assert.ok(error instanceof ConfigurationError);
        assert.deepEqual(error.problems, [
          'APP_PORT: expected at most 65535 (it is "70000")',
          'DATABASE_URL: expected an address',
          'APP_PROT: there is no such variable; did you mean APP_PORT?',
          'APP_SOMETHING_ELSE: there is no such variable',
        ]);
        assert.equal(error.message.split('\n').length, 5);
        return true;
      },
    );
  });
});
