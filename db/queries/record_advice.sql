-- Advice that is applied at $2 (epoch ms) to the pool $1, with the peaks $4 and $5 up to $3 (epoch ms); $6 is the request. Answers its id.
insert into applied_advice (pool, applied_at, looked_until, peak_before, peak_after, request)
values ($1, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4, $5, $6)
returning id
