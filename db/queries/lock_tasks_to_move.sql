-- The tasks $1 that are not deleted, locked against edits and expansion in the order of their ids.
select
  t.id, t.name, t.task_type, t.priority, t.revision, t.status, t.schedule_kind, t.flexible_window_ms, t.placement, t.placement_offset_ms,
  t.advice_id, (extract(epoch from t.expanded_until) * 1000)::float8 as expanded_until_ms, t.expand_error, tt.pool
from tasks as t
join task_types as tt on tt.name = t.task_type
where t.id = any($1::bigint[]) and t.deleted_at is null
order by t.id
for no key update of t
