-- Deletes completed tasks, the oldest first, and says how many they were. A
-- call takes 10,000 at most: all tasks of a user with many more would not be
-- deleted before the statement's time is over.
--
-- They are bounded by the last of them instead of listed: a list would be held
-- against every task of the user where the planner expects few.
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
    and deleted_at is null
    and status = 'completed'
    -- Of no row when there are fewer.
    and (created_at, id) <= all (
        select created_at, id
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and status = 'completed'
        order by created_at, id
        limit 1
        offset 9999
    );
    get diagnostics cleared = row_count;
    perform todo.sweep_tasks(caller);
    return cleared;
end
$$;
