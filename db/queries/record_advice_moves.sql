-- What the advice $1 changed of each task: one row per entry of $2 (JSON, columns named as those of advice_moves).
insert into advice_moves (
  advice_id, task_id, position, revision_before, revision, window_before_ms, window_ms, offset_before_ms, offset_ms, shown_offset_ms,
  advice_before, written_until, scheduled_times, due_times
)
select
  $1::bigint, m.task_id, m.position, m.revision_before, m.revision, m.window_before_ms, m.window_ms, m.offset_before_ms, m.offset_ms,
  m.shown_offset_ms, m.advice_before, m.written_until, m.scheduled_times, m.due_times
from jsonb_populate_recordset(null::advice_moves, $2::jsonb) as m
