-- Keeps what the calendar $1 has become at $2 (epoch ms). Belongs into the transaction that changed it.
with ended as (
  update calendar_revisions
  set valid_until = to_timestamp($2::float8 / 1000)
  where name = $1 and valid_until is null
)
insert into calendar_revisions (name, revision, valid_from, time_zone, rules)
select name, revision, to_timestamp($2::float8 / 1000), time_zone, rules from calendars where name = $1
