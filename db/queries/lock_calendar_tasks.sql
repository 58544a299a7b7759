-- The tasks that name the calendar $1 and are not deleted, locked against edits and expansion in the order of their ids.
select id
from tasks
where calendars @> array[$1::text] and calendars <> '{}' and deleted_at is null
order by id
for no key update
