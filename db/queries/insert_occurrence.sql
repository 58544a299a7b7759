-- One occurrence of the task $1 at revision $2, scheduled for and due at $3 (epoch ms), caused by $4. No row: there is one at that instant.
insert into task_schedule (task_id, scheduled_time, due_at, revision, trigger)
values ($1::bigint, to_timestamp($3::float8 / 1000), to_timestamp($3::float8 / 1000), $2::integer, $4::occurrence_trigger)
on conflict (task_id, scheduled_time) do nothing
returning task_id
