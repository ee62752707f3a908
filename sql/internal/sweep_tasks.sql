-- Removes some of the owner's rows that were deleted more than 30 days ago,
-- the oldest first. A day more, because a transaction can begin earlier than
-- it is seen. At most 20, so that no request pays for a whole history, and
-- looked for once: the planner would look again for each task of the owner
-- where it expects few.
create or replace function todo.sweep_tasks(owner text) returns void
language sql
as $$
    with oldest as materialized (
        select id
        from public.tasks
        where user_id = owner
        and era < 0
        and deleted_at < now() - interval '31 days'
        order by era desc
        limit 20
    )
    delete from public.tasks
    using oldest
    where tasks.id = oldest.id
$$;
