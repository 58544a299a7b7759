-- One task that is not deleted, kept from being edited until the transaction ends; others may share it.
select status, revision from tasks where id = $1::bigint and deleted_at is null for share
