-- Every task type with its pool and its average execution time (ms).
select tt.name, tt.pool, a.average_elapsed_ms as average_ms
from task_types as tt
join average_elapsed_time_per_task_type as a on a.task_type = tt.name
