-- Which copy of the autoscaler acts for the pool $1.
select fence, holder, renewed_at from autoscaler_writers where pool = $1 and renewed_at > '-infinity'
