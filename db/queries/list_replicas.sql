-- Every live process, and those that were lost within the last hour.
select id, service, name, pool, status, slots, running, started_at, heartbeat_at
from replicas
where status <> 'lost' or lease_until > clock_timestamp() - interval '1 hour'
order by service, id
