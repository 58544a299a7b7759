-- Makes $2 the writer of the pool $1, or renews that it is. $3: for how long (ms) a writer that does not renew stays one.
-- One row with the fence, or none: another copy is the writer.
insert into autoscaler_writers as w (pool, fence, holder, renewed_at)
values ($1, 1, $2, clock_timestamp())
on conflict (pool) do update
set
  fence = case when w.holder = excluded.holder then w.fence else w.fence + 1 end,
  holder = excluded.holder,
  renewed_at = excluded.renewed_at
where w.holder = excluded.holder or w.renewed_at < clock_timestamp() - $3::integer * interval '1 millisecond'
returning fence
