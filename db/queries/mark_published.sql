-- The broker has confirmed every ticket of these claims ($1). They are looked at again after $2 ms, in case the broker forgot them.
update dispatch_batches
set published_at = clock_timestamp(), verify_at = clock_timestamp() + $2::integer * interval '1 millisecond'
where id = any($1::bigint[])
