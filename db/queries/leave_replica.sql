-- The replica $1 has stopped in good order. Should it have left something running, it stays until its lease ends, and is recovered as lost.
delete from replicas as r
where r.id = $1::bigint and not exists (select from running_tasks as b where b.locked_by = r.id)
