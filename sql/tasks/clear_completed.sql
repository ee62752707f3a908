-- Deletes completed tasks, the oldest first, and says how many they were. A
-- call takes 10,000 at most, which is about a second: all tasks of a user with
-- many more would not be deleted before the statement's time is over.
create or replace function todo.clear_completed(caller text) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    cleared bigint;
begin
    perform todo.act_as(caller);
    update public.tasks
    set title = '',
        description = '',
        due_date = null,
        create_hash = null,
        change_id = null,
        deleted_at = now(),
        era = -1 - todo.era()
    where user_id = caller
    -- An array, because of a table without statistics the planner expects few
    -- rows, and would hold each against each.
    and id = any (array(
        select id
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and status = 'completed'
        order by created_at, id
        limit 10000
        for update
    ));
    get diagnostics cleared = row_count;
    perform todo.sweep_tasks(caller);
    return cleared;
end
$$;
