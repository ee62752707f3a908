-- Does all operations in their order, or none; a row comes back for each. An
-- operation whose task is not there (TD404) or not at its version (TD412) ends
-- the transaction, and the detail of the error is its place from 0 on.
--
-- Under an Idempotency-Key a batch is done once. Repeated, it brings back the
-- tasks as they are now, unless one of them was deleted since (TD410) or the
-- key stands for another batch (TD422). No operation changes a task that a
-- later one deletes.
create or replace function todo.run_batch(
    caller text,
    batch uuid,
    batch_hash bytea,
    operations jsonb
)
returns table (
    is_replayed boolean,
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
declare
    operation jsonb;
    place bigint;
    task uuid;
    versions integer[];
    is_done boolean;
begin
    perform todo.act_as(caller);
    is_replayed := batch is not null and not todo.begin_batch(caller, batch, batch_hash);

    for operation, place in
        select value, ordinality - 1
        from jsonb_array_elements(operations) with ordinality
    loop
        task := operation ->> 'id';
        versions := case when operation ? 'version' then array[(operation ->> 'version')::integer] end;
        is_done := null;
        if is_replayed and operation ->> 'op' = 'delete' then
            id := task;
            is_done := true;
        elsif is_replayed then
            select true, found_task.*
            into is_done, id, title, description, status, due_date, created_at, updated_at, version
            from todo.find_task(caller, task) as found_task;
            if is_done is null then
                raise exception using errcode = 'TD410', message = 'a task was deleted since';
            end if;
        else
            case operation ->> 'op'
            when 'create' then
                select true, created.id, created.title, created.description, created.status,
                    created.due_date, created.created_at, created.updated_at, created.version
                into is_done, id, title, description, status, due_date, created_at, updated_at, version
                from todo.create_task(
                    caller,
                    task,
                    operation ->> 'title',
                    operation ->> 'description',
                    operation ->> 'status',
                    (operation ->> 'due_date')::date,
                    null
                ) as created;
            when 'update' then
                select changed.*
                into is_done, id, title, description, status, due_date, created_at, updated_at, version
                from todo.update_task(
                    caller,
                    task,
                    versions,
                    null,
                    operation ->> 'title',
                    operation ->> 'description',
                    operation ->> 'status',
                    (operation ->> 'is_reopened')::boolean,
                    (operation ->> 'is_rescheduled')::boolean,
                    (operation ->> 'due_date')::date
                ) as changed;
            -- A change of nothing.
            when 'read' then
                select versions is null or found_task.version = any (versions), found_task.*
                into is_done, id, title, description, status, due_date, created_at, updated_at, version
                from todo.find_task(caller, task) as found_task;
            when 'toggle' then
                select changed.*
                into is_done, id, title, description, status, due_date, created_at, updated_at, version
                from todo.toggle_task(caller, task, versions) as changed;
            when 'delete' then
                select changed.*
                into is_done, id, title, description, status, due_date, created_at, updated_at, version
                from todo.delete_task(caller, task, versions) as changed;
            end case;
            if is_done is not true then
                raise exception using
                    errcode = case when is_done is null then 'TD404' else 'TD412' end,
                    message = 'an operation of the batch can''t be done',
                    detail = place;
            end if;
        end if;
        return next;
    end loop;
end
$$;
