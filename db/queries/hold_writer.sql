-- Renews the right to write for the pool $1 under the fence $2. No row: another copy has taken over.
update autoscaler_writers set renewed_at = clock_timestamp() where pool = $1 and fence = $2::bigint returning fence
