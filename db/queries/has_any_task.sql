-- Whether there ever was a task, deleted ones included.
select exists (select from tasks) as any
