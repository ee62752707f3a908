-- Changes what is not null. Under a precondition the task has to be at one of
-- `versions`; if it is not, it comes back as it is, with is_changed false.
--
-- `change` is new with each request: a change that meets it was made by the
-- first try of the same request, whose answer was lost.
create or replace function todo.update_task(
    caller text,
    task uuid,
    versions integer[],
    change uuid,
    new_title text,
    new_description text,
    new_status text,
    is_reopened boolean,
    is_rescheduled boolean,
    new_due_date date
)
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
    set title = coalesce(new_title, title),
        description = coalesce(new_description, description),
        status = case
            when is_reopened and status = 'completed' then 'pending'
            else coalesce(new_status, status)
        end,
        due_date = case when is_rescheduled then new_due_date else due_date end,
        version = case when change_id = change then version else version + 1 end,
        updated_at = case when change_id = change then updated_at else now() end,
        change_id = change,
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
