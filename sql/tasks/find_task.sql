-- One task of the caller.
create or replace function todo.find_task(caller text, task uuid)
returns setof todo.task
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform todo.act_as(caller);
    return query
    select id, title, description, status, due_date, created_at, updated_at, version
    from public.tasks
    where user_id = caller
    and id = task
    and deleted_at is null;
end
$$;
