-- The changes that were committed since a transaction: a first row about this
-- moment, then tasks and deletions in the order of the transactions that made
-- them. Without `since` all tasks there are, the oldest first, at the price of a
-- list.
--
-- Nothing committed is left out. Every transaction below smallest_in_progress
-- has ended, so a client that reads to the end and goes on from there misses
-- none that commits late; a time could not promise that.
--
-- The transaction of a row is its xmin, whose upper half is the one of the
-- newest transaction that can have written it. The era only narrows the
-- search: a restored row brings its old era along, and has a new xmin.
create or replace function todo.list_changes(
    caller text,
    since bigint,
    after_time timestamptz,
    after_xid bigint,
    after_id uuid,
    page_limit bigint
)
returns table (
    history bigint,
    read_at timestamptz,
    smallest_in_progress bigint,
    xid bigint,
    deleted_at timestamptz,
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
as $$
#variable_conflict use_column
declare
    newest constant bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    from_era constant integer := todo.era_of(greatest(since, after_xid));
    -- Worked out here: behind row-level security an index takes a parameter,
    -- and no coalesce.
    from_time constant timestamptz := coalesce(after_time, '-infinity');
    from_id constant uuid := coalesce(after_id, '00000000-0000-0000-0000-000000000000');
begin
    perform todo.act_as(caller);
    history := todo.history();
    read_at := now();
    smallest_in_progress := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    return next;

    if since is null then
        return query
        select
            null::bigint, null::timestamptz, null::bigint, null::bigint, deleted_at,
            id, title, description, status, due_date, created_at, updated_at, version
        from public.tasks
        where user_id = caller
        and deleted_at is null
        and (created_at, id) > (from_time, from_id)
        order by created_at, id
        limit page_limit;
        return;
    end if;

    return query
    select
        null::bigint, null::timestamptz, null::bigint, xid, deleted_at,
        id, title, description, status, due_date, created_at, updated_at, version
    from (
        select *, newest - ((newest - xmin::text::bigint) & 4294967295) as xid
        from public.tasks
        where user_id = caller
        and (era >= from_era or era <= -1 - from_era)
    ) as changed
    where xid >= since
    and (xid, id) > (coalesce(after_xid, -1), from_id)
    order by xid, id
    limit page_limit;
end
$$;
