-- The calendar $1, locked against other changes of it and against tasks that begin to name it, until the transaction ends.
select title, time_zone, rules, revision from calendars where name = $1 for update
