-- Applications of advice, newest first: one row per move, in their order. $1 pool (or null: all), $2 id (or null: the last $3).
-- present_revision is null for a task that was deleted.
with chosen as (
  select *
  from applied_advice
  where ($1::text is null or pool = $1::text) and ($2::bigint is null or id = $2::bigint)
  order by id desc
  limit $3::integer
)
select
  a.id, a.pool, a.applied_at, a.looked_until, a.peak_before, a.peak_after,
  m.task_id, t.name as task_name, m.revision, m.window_before_ms, m.window_ms, m.offset_ms, m.shown_offset_ms, m.undone_at,
  case when t.deleted_at is null then t.revision end as present_revision
from chosen as a
join advice_moves as m on m.advice_id = a.id
join tasks as t on t.id = m.task_id
order by a.id desc, m.position
