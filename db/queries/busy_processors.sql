-- The processors of the pool $1 that run something, with the planned work (ms) that is left in it: for each attempt the average of its
-- type less its age. An attempt that has run for longer than that has nothing planned left. The sum, not the longest: it is what a
-- processor that is cut off would give back.
select
  p.name,
  coalesce(sum(greatest(0, a.average_elapsed_ms - extract(epoch from clock_timestamp() - s.start_time) * 1000)), 0)::float8
    as remaining_ms
from running_tasks as r
join replicas as p on p.id = r.locked_by
join tasks as t on t.id = r.task_id
join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
left join task_schedule as s on s.task_id = r.task_id and s.scheduled_time = r.scheduled_time
where p.service = 'processor' and p.pool = $1::text
group by p.id, p.name
