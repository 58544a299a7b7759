-- One row: now (epoch ms), and a text that changes whenever the definition of a task, a calendar or a pool of a type does.
select
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
  concat_ws('|', t.tasks, t.changed_at, c.calendars, c.changed_at, k.types) as version
from
  (select count(*) as tasks, max(updated_at) as changed_at from tasks) as t,
  (select count(*) as calendars, max(updated_at) as changed_at from calendars) as c,
  (select string_agg(name || ':' || pool, ',' order by name) as types from task_types) as k
