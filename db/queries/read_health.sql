-- One row: the database's clock (epoch ms), live copies per service, and the unreadable messages that their processes have met.
select
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms,
  coalesce(jsonb_object_agg(r.service, r.live) filter (where r.live > 0), '{}') as services,
  coalesce(sum(r.unreadable), 0)::bigint as unreadable_messages
from (
  select
    service,
    count(*) filter (where status <> 'lost' and lease_until > clock_timestamp()) as live,
    sum(unreadable_messages) as unreadable
  from replicas
  group by service
) as r
