-- Which occurrence of the task $1 runs and keeps others of it from starting, if the task's overlap policy is to skip them.
select (extract(epoch from r.scheduled_time) * 1000)::bigint as scheduled_ms
from running_tasks as r
join tasks as t on t.id = r.task_id and t.overlap_policy = 'skip'
where r.task_id = $1::bigint and r.bars
