-- Keeps what the tasks $1 have become at $2 (epoch ms) by the change $3; $4 (same length): the one occurrence that was written with each
-- (epoch ms, or null). Belongs into the transaction that changed them.
with ended as (
  update task_revisions
  set valid_until = to_timestamp($2::float8 / 1000)
  where task_id = any($1::bigint[]) and valid_until is null
)
insert into task_revisions (task_id, revision, valid_from, change, first_at, definition)
select t.id, t.revision, to_timestamp($2::float8 / 1000), $3, to_timestamp(k.first_ms / 1000), to_jsonb(t)
from unnest($1::bigint[], $4::float8[]) as k (id, first_ms)
join tasks as t on t.id = k.id
