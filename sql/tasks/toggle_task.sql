-- Completes an open task and reopens a completed one; preconditions as in
-- update_task. Never repeated: another change may have come in between.
create or replace function todo.toggle_task(caller text, task uuid, versions integer[])
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
    set status = case when status = 'completed' then 'pending' else 'completed' end,
        version = version + 1,
        updated_at = now(),
        change_id = null,
        era = todo.era()
    where user_id = caller
    and id = task
    and deleted_at is null
    and (versions is null or version = any (versions))
    returning true, id, title, description, status, due_date, created_at, updated_at, version;

    if not found then
        return query
        select false, (found_task).*
        from todo.find_task(caller, task) as found_task;
    end if;
end
$$;
