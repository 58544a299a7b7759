-- The application $1 of advice, locked, and which of its moves are not undone: one row per move; a row without a task when all are.
-- Instants in epoch ms.
select
  a.id as advice_id,
  m.task_id,
  m.revision_before,
  m.revision,
  m.window_before_ms,
  m.offset_before_ms,
  m.advice_before,
  (extract(epoch from m.written_until) * 1000)::float8 as written_until_ms,
  array(select (extract(epoch from u.at) * 1000)::float8 from unnest(m.scheduled_times) with ordinality as u (at, n) order by u.n) as scheduled_ms,
  array(select (extract(epoch from u.at) * 1000)::float8 from unnest(m.due_times) with ordinality as u (at, n) order by u.n) as due_ms
from applied_advice as a
left join advice_moves as m on m.advice_id = a.id and m.undone_at is null
where a.id = $1::bigint
order by m.position
for update of a
