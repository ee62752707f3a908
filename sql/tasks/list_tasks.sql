-- One page of a list: a first row with the total alone, when it is counted,
-- then the tasks. The cursor is the last task of the page before. All queries
-- see one moment, because the function is stable.
--
-- Lists without a filter are queries whose plans are kept. Every other list is
-- a query of its own, put together from the parts that were asked for, so that
-- nothing that was not keeps the planner from an index. Nothing that a client
-- sends is part of its text.
--
-- Pages by creation and by due day are read from an index at any depth; pages
-- by title and by change sort all tasks of the user in memory. Tasks without a
-- due day are last in both directions, so a page by due day is two pages in a
-- row.
create or replace function todo.list_tasks(
    caller text,
    sort text,
    is_counted boolean,
    statuses text[],
    due_before date,
    due_after date,
    is_overdue boolean,
    ascii_pattern text,
    pattern text,
    after_id uuid,
    after_time timestamptz,
    after_day date,
    after_title text,
    page_limit bigint,
    page_offset bigint
)
returns table (
    total bigint,
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
stable
security definer
set search_path = pg_catalog, pg_temp
-- The last rows of a list are few, so the planner would rather sort them than
-- read them in order; where it is wrong about few, that is slow. A sort that
-- has to be then looks so expensive that it would be compiled.
set enable_sort = off
set jit = off
-- Knowing the limit, a plan of its own looks cheaper, and it costs more to make
-- than it saves.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    conditions text := '';
    is_ascending constant boolean := not starts_with(sort, '-');
    lowest constant uuid := '00000000-0000-0000-0000-000000000000';
    highest constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    first_id constant uuid := case when is_ascending then lowest else highest end;
    -- The place of the cursor, worked out here: behind row-level security an
    -- index takes a parameter, and no coalesce.
    from_id constant uuid := coalesce(after_id, first_id);
    from_time constant timestamptz := coalesce(
        after_time, case when is_ascending then '-infinity' else 'infinity' end::timestamptz
    );
    is_past_days constant boolean := after_id is not null and after_day is null;
    from_day constant date := coalesce(
        after_day, case when is_ascending = is_past_days then 'infinity' else '-infinity' end::date
    );
    from_undated constant uuid := case when is_past_days then after_id else first_id end;
begin
    perform todo.act_as(caller);
    if num_nonnulls(statuses, due_before, due_after, is_overdue, ascii_pattern, pattern) > 0 then
        conditions := todo.list_conditions(
            statuses, due_before, due_after, is_overdue, ascii_pattern, pattern
        );
    end if;
    if is_counted and conditions = '' then
        select count(*)
        into total
        from public.tasks
        where user_id = caller
        and deleted_at is null;
        return next;
    elsif is_counted then
        execute 'select count(*) from public.tasks where user_id = $1 and deleted_at is null' || conditions
        into total
        using caller, statuses, due_before, due_after, is_overdue, ascii_pattern, pattern;
        return next;
    end if;

    if sort = '-created_at' and conditions = '' then
        return query
        select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and (created_at, id) < (from_time, from_id)
        order by created_at desc, id desc
        limit page_limit
        offset page_offset;
    elsif sort = 'created_at' and conditions = '' then
        return query
        select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and (created_at, id) > (from_time, from_id)
        order by created_at, id
        limit page_limit
        offset page_offset;
    elsif sort = 'due_date' and conditions = '' then
        return query
        (
            select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
            from public.tasks
            where user_id = caller
            and deleted_at is null
            and due_date is not null
            and (due_date, id) > (from_day, from_id)
            order by due_date, id
            limit page_limit + page_offset
        )
        union all
        (
            select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
            from public.tasks
            where user_id = caller
            and deleted_at is null
            and due_date is null
            and id > from_undated
            order by due_date, id
            limit page_limit + page_offset
        )
        order by due_date nulls last, id
        limit page_limit
        offset page_offset;
    elsif sort = '-due_date' and conditions = '' then
        return query
        (
            select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
            from public.tasks
            where user_id = caller
            and deleted_at is null
            and due_date is not null
            and (due_date, id) < (from_day, from_id)
            order by due_date desc, id desc
            limit page_limit + page_offset
        )
        union all
        (
            select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
            from public.tasks
            where user_id = caller
            and deleted_at is null
            and due_date is null
            and id < from_undated
            order by due_date desc, id desc
            limit page_limit + page_offset
        )
        order by due_date desc nulls last, id desc
        limit page_limit
        offset page_offset;
    elsif sort = 'title' and conditions = '' then
        return query
        select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and (after_id is null or (lower(title) collate "C", id) > (lower(after_title), after_id))
        order by lower(title) collate "C", id
        limit page_limit
        offset page_offset;
    elsif sort = '-title' and conditions = '' then
        return query
        select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and (after_id is null or (lower(title) collate "C", id) < (lower(after_title), after_id))
        order by lower(title) collate "C" desc, id desc
        limit page_limit
        offset page_offset;
    elsif sort = 'updated_at' and conditions = '' then
        return query
        select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and (after_id is null or (coalesce(updated_at, created_at), id) > (after_time, after_id))
        order by coalesce(updated_at, created_at), id
        limit page_limit
        offset page_offset;
    elsif sort = '-updated_at' and conditions = '' then
        return query
        select null::bigint, id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and (after_id is null or (coalesce(updated_at, created_at), id) < (after_time, after_id))
        order by coalesce(updated_at, created_at) desc, id desc
        limit page_limit
        offset page_offset;
    else
        return query
        execute todo.list_query(sort, conditions, after_id is not null, after_day is null)
        using
            caller, statuses, due_before, due_after, is_overdue, ascii_pattern, pattern,
            after_id, after_time, after_day, after_title, page_limit, page_offset;
    end if;
end
$$;
