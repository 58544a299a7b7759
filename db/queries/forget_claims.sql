-- Claims of which nothing is left to watch: all their occurrences were put back.
delete from dispatch_batches where id = any($1::bigint[])
