-- How many tasks the caller has of each kind.
create or replace function todo.get_stats(caller text)
returns table (total bigint, pending bigint, in_progress bigint, completed bigint, overdue bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform todo.act_as(caller);
    return query
    select
        count(*),
        count(*) filter (where status = 'pending'),
        count(*) filter (where status = 'in_progress'),
        count(*) filter (where status = 'completed'),
        count(*) filter (where status <> 'completed' and due_date < (now() at time zone 'utc')::date)
    from public.tasks
    where user_id = caller
    and deleted_at is null;
end
$$;
