-- How many tasks the caller has of each kind. What is due depends on the day
-- that it is where the caller is.
create or replace function todo.get_stats(caller text, today date)
returns table (
    total bigint,
    pending bigint,
    in_progress bigint,
    completed bigint,
    overdue bigint,
    due_today bigint,
    upcoming bigint
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    today := coalesce(today, (now() at time zone 'utc')::date);
    perform todo.act_as(caller);
    return query
    select
        count(*),
        count(*) filter (where status = 'pending'),
        count(*) filter (where status = 'in_progress'),
        count(*) filter (where status = 'completed'),
        count(*) filter (where status <> 'completed' and due_date < today),
        count(*) filter (where status <> 'completed' and due_date = today),
        count(*) filter (where status <> 'completed' and due_date > today)
    from public.tasks
    where user_id = caller
    and deleted_at is null;
end
$$;
