-- One row: when the first revision was recorded (epoch ms; null: none is). Of what was before nobody can say what it should have been.
select (extract(epoch from min(valid_from)) * 1000)::float8 as begin_ms from task_revisions
