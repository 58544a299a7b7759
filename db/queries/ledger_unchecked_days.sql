-- UTC days that ended at least $1 ms ago, are kept for certain with a retention of $2 days, and have not been checked: one row each.
select to_char(d.day, 'YYYY-MM-DD') as day
from (
  select generate_series(
    greatest(
      (clock_timestamp() at time zone 'UTC')::date - $2::integer + 1,
      (select (min(valid_from) at time zone 'UTC')::date from task_revisions)
    ),
    ((clock_timestamp() - $1::integer * interval '1 millisecond') at time zone 'UTC')::date - 1,
    interval '1 day'
  )::date as day
) as d
where not exists (select from ledger_days as l where l.day = d.day)
order by d.day
