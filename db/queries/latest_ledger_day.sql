-- The last UTC day that has been checked; no row when none has.
select to_char(day, 'YYYY-MM-DD') as day, unaccounted, unexpected from ledger_days order by day desc limit 1
