-- The replica $1 has stopped in good order and runs nothing any more.
delete from replicas where id = $1::bigint
