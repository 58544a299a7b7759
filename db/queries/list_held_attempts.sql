-- The attempts that the database believes to run in the processor $1, and which of them somebody wants to end.
select task_id, (extract(epoch from scheduled_time) * 1000)::bigint as scheduled_ms, attempt, ending, ending_reason
from running_tasks
where locked_by = $1::bigint
