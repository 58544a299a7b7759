-- The paused tasks $1, which are locked, go on from $2 (epoch ms); what fell into the pause is not caught up.
update tasks
set
  status = 'active', status_reason = null, paused_until = null, revision = revision + 1,
  expanded_until = to_timestamp($2::float8 / 1000), last_slot_at = null, updated_at = clock_timestamp()
where id = any($1::bigint[])
