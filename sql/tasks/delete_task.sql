-- Deletes a task; preconditions as in update_task. What is left of it is a row
-- without content, until sweep_tasks takes it.
create or replace function todo.delete_task(caller text, task uuid, versions integer[])
returns table (
    is_changed boolean,
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
    update public.tasks
    set title = '',
        description = '',
        due_date = null,
        create_hash = null,
        change_id = null,
        deleted_at = now(),
        era = -1 - todo.era()
    where user_id = caller
    and id = task
    and deleted_at is null
    and (versions is null or version = any (versions))
    returning true, id, title, description, status, due_date, created_at, updated_at, version;

    if found then
        perform todo.sweep_tasks(caller);
    else
        return query
        select false, (found_task).*
        from todo.find_task(caller, task) as found_task;
    end if;
end
$$;
