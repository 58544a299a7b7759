-- Asks the processor that runs the occurrence $1, $2 (epoch ms) to end it, with time to clean up ($3 is cancel) or at once (terminate), for
-- the reason $4, unless that was asked for before. No row: it does not run.
with asked as (
  update running_tasks
  set ending = coalesce(ending, $3::text), ending_reason = coalesce(ending_reason, $4::text)
  where task_id = $1::bigint and scheduled_time = to_timestamp($2::float8 / 1000)
  returning locked_by
)
select pg_notify('almanac_end', locked_by::text) from asked
