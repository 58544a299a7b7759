-- Moves the watermark of tasks $1 to $2 (epoch ms; null: nothing is left to expand).
update tasks as t
set expanded_until = to_timestamp(w.until_ms / 1000)
from unnest($1::bigint[], $2::float8[]) as w (id, until_ms)
where t.id = w.id
