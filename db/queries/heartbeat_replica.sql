-- The replica $1 is alive: its lease ends $2 ms from now. $3 status, $4 attempts in hand, $5 unreadable messages so far.
-- No row: the lease had ended, and what the replica ran is no longer its own.
update replicas
set
  heartbeat_at = clock_timestamp(),
  lease_until = clock_timestamp() + $2::integer * interval '1 millisecond',
  status = $3,
  running = $4,
  unreadable_messages = $5
where id = $1::bigint and status <> 'lost' and lease_until > clock_timestamp()
returning id
