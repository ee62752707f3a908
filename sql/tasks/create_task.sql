-- Stores a task once. What is there already under its id is returned instead:
-- the task that the same key, or the first try of the same request, has made.
-- No row comes back when it was deleted since.
create or replace function todo.create_task(
    caller text,
    task uuid,
    new_title text,
    new_description text,
    new_status text,
    new_due_date date,
    new_hash bytea
)
returns table (
    is_new boolean,
    is_same boolean,
    id uuid,
    title text,
    description text,
    status text,
    due_date date,
    created_at timestamptz,
    updated_at timestamptz,
    version integer
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    perform todo.act_as(caller);
    return query
    insert into public.tasks (user_id, id, title, description, status, due_date, create_hash)
    values (caller, task, new_title, new_description, new_status, new_due_date, new_hash)
    on conflict (id) do nothing
    returning true, true, id, title, description, status, due_date, created_at, updated_at, version;

    if not found then
        return query
        select
            false,
            create_hash is not distinct from new_hash,
            id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = caller
        and id = task
        and deleted_at is null;
    end if;
end
$$;
