-- Replaces the calendar $1, which is locked: $2 title, $3 time zone, $4 rules.
update calendars
set title = $2, time_zone = $3, rules = $4::jsonb, revision = revision + 1, updated_at = clock_timestamp()
where name = $1
