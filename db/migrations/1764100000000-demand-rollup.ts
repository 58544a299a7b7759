import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * breaking: false. The demand ahead, added up by second, type and priority, which triggers keep exact. The services of the version before
 * go on: they write it without knowing, and read rows as before. The migration after this one fills it.
 */
export class DemandRollup1764100000000 implements MigrationInterface {
  readonly name = 'DemandRollup1764100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [TABLE, LIMITS, ADDED, TAKEN, MOVED, REKEYED, EMPTIED, CHECK]) {
      await queryRunner.query(statement);
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('There are no down migrations: restore a backup.'));
  }
}

// No key: rows are signed deltas, any number per hour, type and priority, and are only ever added, merged and dropped.
const TABLE = `
create table demand_ahead (
  begins_at timestamptz(3) not null,
  task_type text not null,
  priority text not null,
  seconds smallint[] not null,
  counts integer[] not null
) with (autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0);
create index demand_ahead_hour on demand_ahead (begins_at, task_type, priority);
comment on table demand_ahead is 'How many occurrences fall due in each second ahead: the sum of all rows. Right from demand_far_from() on; what is nearer is counted from task_schedule.';
comment on column demand_ahead.begins_at is 'A full hour.';
comment on column demand_ahead.seconds is 'Seconds of the hour, 0 to 3599, in no order; counts has as many entries.';
comment on column demand_ahead.counts is 'Negative where occurrences went away.';
`;

// A writer leaves out what falls due before demand_kept_from(). A reader trusts what falls due from demand_far_from() on, a few seconds later:
// whatever was left out before it looked was nearer than that, by the server's clock, which may be set back by less than the difference.
const LIMITS = `
create function demand_kept_from() returns timestamptz language sql volatile
  as $$ select clock_timestamp() + interval '61 seconds' $$;
create function demand_far_from() returns timestamptz language sql volatile
  as $$ select date_trunc('second', clock_timestamp()) + interval '65 seconds' $$;
`;

/**
 * Of each statement, not of each row. Without nested loops, because nothing is known of a transition table when its plan is made, and what
 * is right for one row is a second for a batch of the expander; the tasks themselves are found by their key.
 */
function statementTrigger(name: string, event: string, table: string, sign: string): string {
  return `
create function ${name}() returns trigger language plpgsql set enable_nestloop = off as $$
declare
  kept_from timestamptz := demand_kept_from();
begin
  -- What is put off or run by hand is mostly due at once.
  if not exists (select from changed as c where c.due_at >= kept_from) then
    return null;
  end if;
  insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
  with kind as materialized (
    select t.id, t.task_type, t.priority from tasks as t where t.id = any (array(select distinct c.task_id from changed as c))
  ),
  instant as (
    select k.task_type, k.priority, c.due_at, count(*) as count
    from changed as c
    join kind as k on k.id = c.task_id
    where c.due_at >= kept_from
    group by 1, 2, 3
  ),
  second as (
    select i.task_type, i.priority, floor(date_part('epoch', i.due_at))::bigint as at, sum(i.count)::integer as count
    from instant as i
    group by 1, 2, 3
  )
  select to_timestamp(s.at / 3600 * 3600), s.task_type, s.priority, array_agg((s.at % 3600)::smallint), array_agg(${sign}s.count)
  from second as s
  group by s.at / 3600, s.task_type, s.priority;
  return null;
end
$$;
create trigger ${name} after ${event} on task_schedule
  referencing ${table} table as changed for each statement execute function ${name}();
`;
}

const ADDED = statementTrigger('demand_added', 'insert', 'new', '');
const TAKEN = statementTrigger('demand_taken', 'delete', 'old', '-');

/** Claims, starts, ends and short retries move instants that are near: the condition is all that they pay. */
const MOVED = `
create function demand_moved() returns trigger language plpgsql as $$
begin
  insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
  select date_trunc('hour', m.due_at, 'UTC'), t.task_type, t.priority,
    array[(floor(date_part('epoch', m.due_at))::bigint % 3600)::smallint], array[m.count]
  from (values (old.due_at, -1), (new.due_at, 1)) as m (due_at, count)
  join tasks as t on t.id = new.task_id
  where m.due_at is not null;
  return null;
end
$$;
create trigger demand_moved after update of due_at on task_schedule for each row
  when (old.due_at is distinct from new.due_at and greatest(old.due_at, new.due_at) >= clock_timestamp() + interval '61 seconds')
  execute function demand_moved();
`;

/** An edit may give a task another type or priority while occurrences of it stay: those that somebody moved, retries, backfills. */
const REKEYED = `
create function demand_rekeyed() returns trigger language plpgsql as $$
declare
  kept_from timestamptz := demand_kept_from();
begin
  insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
  select date_trunc('hour', s.due_at, 'UTC'), m.task_type, m.priority,
    array_agg((floor(date_part('epoch', s.due_at))::bigint % 3600)::smallint), array_agg(m.count)
  from task_schedule as s
  cross join (values (old.task_type, old.priority, -1), (new.task_type, new.priority, 1)) as m (task_type, priority, count)
  where s.task_id = new.id and s.due_at >= kept_from
  group by 1, 2, 3;
  return null;
end
$$;
create trigger demand_rekeyed after update of task_type, priority on tasks for each row
  when (old.task_type <> new.task_type or old.priority <> new.priority)
  execute function demand_rekeyed();
`;

const EMPTIED = `
create function demand_emptied() returns trigger language plpgsql as $$
begin
  truncate demand_ahead;
  return null;
end
$$;
create trigger demand_emptied after truncate on task_schedule for each statement execute function demand_emptied();
`;

const CHECK = `
create function demand_differences(from_at timestamptz, until_at timestamptz)
returns table (due_second timestamptz, task_type text, priority text, missing integer) language sql volatile as $$
  with span as materialized (select greatest(from_at, demand_far_from()) as from_at),
  kept as (
    select d.begins_at + u.second * interval '1 second' as due_second, d.task_type, d.priority, -u.count as count
    from demand_ahead as d
    cross join lateral unnest(d.seconds, d.counts) as u (second, count)
    where d.begins_at > (select span.from_at from span) - interval '1 hour' and d.begins_at < until_at
  ),
  there as (
    select to_timestamp(floor(date_part('epoch', s.due_at))) as due_second, t.task_type, t.priority, count(*)::integer as count
    from task_schedule as s
    join tasks as t on t.id = s.task_id
    where s.due_at >= (select span.from_at from span) and s.due_at < until_at
    group by 1, 2, 3
  )
  select b.due_second, b.task_type, b.priority, sum(b.count)::integer
  from (select * from kept union all select * from there) as b
  where b.due_second >= (select span.from_at from span) and b.due_second < until_at
  group by 1, 2, 3
  having sum(b.count) <> 0
$$;

create function repair_demand(from_at timestamptz, until_at timestamptz) returns integer language plpgsql as $$
declare
  repaired integer;
begin
  -- Two at once would both add what is missing.
  perform pg_advisory_xact_lock(hashtext('almanac.demand'));
  with difference as materialized (
    select * from demand_differences(from_at, until_at)
  ),
  added as (
    insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
    select date_trunc('hour', d.due_second, 'UTC'), d.task_type, d.priority,
      array_agg((date_part('epoch', d.due_second)::bigint % 3600)::smallint), array_agg(d.missing)
    from difference as d
    group by 1, 2, 3
  )
  select count(*)::integer into repaired from difference;
  return repaired;
end
$$;
`;
