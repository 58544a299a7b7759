-- Names and overlap policies of the tasks $1.
select id, name, overlap_policy from tasks where id = any($1::bigint[])
