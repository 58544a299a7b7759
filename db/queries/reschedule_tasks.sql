-- The tasks $1, which are locked, are to be expanded anew from $3 (epoch ms), their definitions staying as they are; $2 (same length): how
-- many occurrences of each were taken back. The revision goes up, so that tickets of the old one start nothing.
update tasks as t
set
  expanded_until = to_timestamp($3::float8 / 1000), slots_decided = t.slots_decided - k.withdrawn, last_slot_at = null,
  expand_error = null, revision = t.revision + 1, updated_at = clock_timestamp()
from unnest($1::bigint[], $2::integer[]) as k (id, withdrawn)
where t.id = k.id
returning t.id, t.revision
