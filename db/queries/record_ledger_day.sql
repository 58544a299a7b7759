-- Keeps what the check of the UTC day $1 found: $2 expected, $3 unaccounted, $4 unexpected, $5 statuses, $6 problems. The first check counts.
insert into ledger_days (day, expected, unaccounted, unexpected, statuses, problems)
values ($1::date, $2, $3, $4, $5::jsonb, $6::jsonb)
on conflict (day) do nothing
