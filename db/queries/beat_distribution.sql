-- Somebody who can hand out work is there. If nobody was for longer than $1 ms, what became due meanwhile is left to the misfire policies,
-- save for the last $1 ms. One row when this was so; the row is written once a second at most, however many distributors there are.
update distribution
set
  catch_up_before = greatest(
    catch_up_before,
    case when alive_at < clock_timestamp() - $1::integer * interval '1 millisecond' then clock_timestamp() - $1::integer * interval '1 millisecond' end
  ),
  alive_at = clock_timestamp()
where alive_at is null or alive_at < clock_timestamp() - interval '1 second'
returning single
