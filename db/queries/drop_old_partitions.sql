-- Forgets what is older than $1 days: partitions whole, and the rows of the small tables beside them.
with samples as (
  delete from capacity_samples where at < clock_timestamp() - $1::integer * interval '1 day'
),
predictions as (
  delete from forecast_predictions where at < clock_timestamp() - $1::integer * interval '1 day'
),
decisions as (
  delete from scale_decisions where decided_at < clock_timestamp() - $1::integer * interval '1 day'
),
notes as (
  delete from notifications where created_at < clock_timestamp() - $1::integer * interval '1 day'
),
gone as (
  delete from replicas where status = 'lost' and lease_until < clock_timestamp() - interval '1 day'
)
select drop_partitions((clock_timestamp() at time zone 'UTC')::date - $1::integer) as dropped
