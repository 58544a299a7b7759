-- What is due up to $1 (epoch ms) is not claimed any more: the misfire policies decide about it.
update distribution
set catch_up_before = to_timestamp($1::float8 / 1000)
where catch_up_before < to_timestamp($1::float8 / 1000)
