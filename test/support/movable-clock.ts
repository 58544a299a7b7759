import pg from 'pg';

/** Moves the clock of a database: what its statements call `clock_timestamp()` and `now()` is shifted by whole milliseconds. */
export interface MovableClock {
  /** From now on the database's clock shows this instant, and goes on from there. */
  set(instant: string): Promise<void>;
}

/**
 * Puts functions of our own before those of PostgreSQL on the search path of every connection that is opened from now on. Views are bound
 * to functions when they are made, so the caller replaces them afterwards; defaults of columns are bound here.
 */
export async function installMovableClock(databaseUrl: string): Promise<MovableClock> {
  await withClient(databaseUrl, async (client) => {
    await client.query(`
      create table clock_shift (shift interval not null);
      insert into clock_shift values ('0');
      create function public.clock_timestamp() returns timestamptz language sql volatile
        as 'select pg_catalog.clock_timestamp() + (select shift from public.clock_shift)';
      create function public.now() returns timestamptz language sql stable
        as 'select pg_catalog.now() + (select shift from public.clock_shift)';
    `);
    const { rows } = await client.query<{ statement: string }>(`
      select format('alter table %I.%I alter column %I set default public.clock_timestamp()', table_schema, table_name, column_name) as statement
      from information_schema.columns where table_schema = 'public' and column_default = 'clock_timestamp()'
    `);
    for (const { statement } of rows) await client.query(statement);
    await client.query(
      `do $$ begin execute format('alter database %I set search_path = public, pg_catalog', current_database()); end $$`,
    );
  });
  return {
    set: (instant) =>
      withClient(databaseUrl, async (client) => {
        await client.query('update clock_shift set shift = $1::timestamptz - pg_catalog.clock_timestamp()', [instant]);
      }),
  };
}

async function withClient(databaseUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
