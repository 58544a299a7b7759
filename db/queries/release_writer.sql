-- Whoever writes for the pool $1 under the fence $2 stops doing so: the next copy that asks takes over at once.
update autoscaler_writers set renewed_at = '-infinity' where pool = $1 and fence = $2::bigint
