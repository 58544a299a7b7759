-- Deletes the calendar $1, which is locked and which no task names, as of $2 (epoch ms). What it was, and when, stays.
with ended as (
  update calendar_revisions
  set valid_until = to_timestamp($2::float8 / 1000)
  where name = $1 and valid_until is null
)
delete from calendars where name = $1
