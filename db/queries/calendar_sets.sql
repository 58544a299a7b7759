-- The exclusions of the calendars $1 as they are now, without a lock.
select name as calendar, time_zone as "timeZone", rules from calendars where name = any($1::text[]) order by name
