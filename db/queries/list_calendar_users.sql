-- Some of the tasks that name the calendar $1 and are not deleted, the oldest ones, with how many there are.
select id, name, count(*) over ()::integer as total
from tasks
where calendars @> array[$1::text] and calendars <> '{}' and deleted_at is null
order by id
limit 3
