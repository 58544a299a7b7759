-- A new calendar: $1 name, $2 title, $3 time zone, $4 rules. Its revisions count on from those of one that had the name before.
-- No row: somebody else has just made it.
insert into calendars (name, title, time_zone, rules, revision)
select $1, $2, $3, $4::jsonb, coalesce((select max(r.revision) from calendar_revisions as r where r.name = $1), 0) + 1
on conflict (name) do nothing
returning revision
