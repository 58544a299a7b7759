-- Gives the tasks $1, which are locked, flexible windows $2 (ms), places in them $3 (ms after the scheduled time, or null) and the advice $4 (or
-- null) that these come from; same length. Their occurrences are to be written anew after it: reschedule_tasks raises the revision.
update tasks as t
set flexible_window_ms = k.window_ms, placement_offset_ms = k.offset_ms, advice_id = k.advice_id
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as k (id, window_ms, offset_ms, advice_id)
where t.id = k.id
