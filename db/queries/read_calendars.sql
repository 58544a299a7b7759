-- All exclusion calendars in the order of their names, or only the one named $1, each with how many tasks that are not deleted name it.
select
  c.name,
  c.title,
  c.time_zone,
  c.rules,
  c.revision,
  (extract(epoch from c.updated_at) * 1000)::float8 as updated_ms,
  (
    select count(*) from tasks as t where t.calendars @> array[c.name] and t.calendars <> '{}' and t.deleted_at is null
  )::integer as tasks
from calendars as c
where $1::text is null or c.name = $1::text
order by c.name
