-- One row while the lease of the replica $1 is alive.
select id from replicas where id = $1::bigint and lease_until > clock_timestamp()
