-- Sets the status of the task $1, which is locked: $2 status, $3 reason, $4 paused until (timestamptz), $5 watermark (epoch ms; null: nothing
-- is left to expand), $6 whether it is deleted, $7 how many of its occurrences were taken back. The revision goes up, so that tickets that are
-- under way start nothing.
update tasks
set
  status = $2, status_reason = $3, paused_until = $4::timestamptz, expanded_until = to_timestamp($5::float8 / 1000),
  slots_decided = slots_decided - $7::integer, last_slot_at = null, expand_error = null, revision = revision + 1,
  updated_at = clock_timestamp(), deleted_at = case when $6::boolean then clock_timestamp() end
where id = $1::bigint
returning id, revision
