-- Everything that is stored of the caller: who it is, then where it is signed
-- in, then one page of the tasks, the oldest first.
create or replace function todo.export_user(
    caller text,
    after_id uuid,
    after_time timestamptz,
    page_limit bigint
)
returns table (
    user_id text,
    name text,
    email text,
    registered_at timestamptz,
    signed_in_at timestamptz,
    expires_at timestamptz,
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
as $$
#variable_conflict use_column
begin
    select profile.*
    into user_id, name, email, registered_at
    from todo.get_profile(caller) as profile;
    return next;
    user_id := null;

    for signed_in_at, expires_at in
        select min(auth_refresh.created_at), min(auth_refresh.family_expires_at)
        from public.auth_refresh
        where auth_refresh.user_id = caller
        and auth_refresh.revoked_at is null
        group by auth_refresh.family
        having max(auth_refresh.expires_at) > now()
        order by 1
    loop
        return next;
    end loop;

    return query
    select null::text, null::text, null::text, null::timestamptz, null::timestamptz,
        null::timestamptz, page.id, page.title, page.description, page.status, page.due_date,
        page.created_at, page.updated_at, page.version
    from todo.list_tasks(
        caller, 'created_at', false, null, null, null, null, null, null,
        after_id, after_time, null, null, page_limit, 0
    ) as page;
end
$$;
