-- Tasks $1 can not be expanded, for the reasons $2. They wait for an edit, and stop nobody else.
update tasks as t
set expand_error = e.message
from unnest($1::bigint[], $2::text[]) as e (id, message)
where t.id = e.id
