-- The exclusions of the calendars $1, kept from being changed until the transaction ends.
select name as calendar, time_zone as "timeZone", rules from calendars where name = any($1::text[]) order by name for share
