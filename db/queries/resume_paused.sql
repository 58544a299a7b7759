-- Paused tasks whose pause is over go on from now; what fell into the pause is not caught up.
update tasks
set
  status = 'active', status_reason = null, paused_until = null, revision = revision + 1,
  expanded_until = clock_timestamp(), updated_at = clock_timestamp()
where status = 'paused' and deleted_at is null and paused_until <= clock_timestamp()
returning id
