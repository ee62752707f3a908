-- Removes some of the owner's rows that were deleted more than 30 days ago,
-- the oldest first. A day more, because a transaction can begin earlier than
-- it is seen. At most 20, so that no request pays for a whole history.
create or replace function todo.sweep_tasks(owner text) returns void
language sql
as $$
    delete from public.tasks
    where id in (
        select id
        from public.tasks
        where user_id = owner
        and era < 0
        and deleted_at < now() - interval '31 days'
        order by era desc
        limit 20
    )
$$;
