-- Compares the rollup of the demand from $1 to before $2 (epoch ms; null: without end) with the rows themselves, as far as it is ahead, and adds
-- what is missing. One row: how many seconds of a task type and priority were wrong.
select repair_demand(to_timestamp($1::float8 / 1000), coalesce(to_timestamp($2::float8 / 1000), 'infinity')) as repaired
