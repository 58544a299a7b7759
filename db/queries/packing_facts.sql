-- Average execution time per task type (ms) and slots of the processors that are ready, per pool.
select 'type' as kind, task_type as name, average_elapsed_ms as value from average_elapsed_time_per_task_type
union all
select 'pool', pool, sum(slots)::float8
from replicas
where service = 'processor' and status = 'ready' and pool is not null
group by pool
