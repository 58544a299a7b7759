-- Removes the rows of waiting_occurrences whose occurrence does not wait any more. They do no harm, and are few.
delete from waiting_occurrences as w
where not exists (
  select
  from task_schedule as s
  where s.task_id = w.task_id and s.scheduled_time = w.scheduled_time and s.status in ('Scheduled', 'Queued')
)
