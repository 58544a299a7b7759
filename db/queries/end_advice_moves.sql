-- The moves of the advice $1 for the tasks $2 are undone at $4 (epoch ms), which have the revisions $3 now. What an earlier advice had made of a
-- task is in force again, so it can be undone in its turn.
with undone as (
  update advice_moves as m
  set undone_at = to_timestamp($4::float8 / 1000)
  from unnest($2::bigint[], $3::integer[]) as k (task_id, revision)
  where m.advice_id = $1::bigint and m.task_id = k.task_id
  returning m.task_id, m.advice_before, m.revision_before, k.revision
)
update advice_moves as earlier
set revision = u.revision
from undone as u
where earlier.advice_id = u.advice_before and earlier.task_id = u.task_id and earlier.revision = u.revision_before
