-- One row per UTC day from $1 to $2 (dates): what the nightly check found, if it has been, and whether the day's occurrences are still there.
-- A day before the oldest partition is gone; a later one without a partition has its occurrences in the default partition.
with partition as (
  select to_date(right(c.relname, 8), 'YYYYMMDD') as day
  from pg_inherits as i
  join pg_class as c on c.oid = i.inhrelid
  where i.inhparent = 'task_schedule'::regclass and c.relname ~ '^task_schedule_[0-9]{8}$'
)
select
  to_char(d.day, 'YYYY-MM-DD') as day,
  exists (select from partition as p where p.day = d.day)
    or (l.day is null and d.day >= coalesce((select min(p.day) from partition as p), d.day)) as kept,
  l.expected,
  l.unaccounted,
  l.unexpected,
  l.statuses,
  l.problems
from (select generate_series($1::date, $2::date, interval '1 day')::date as day) as d
left join ledger_days as l on l.day = d.day
order by d.day
