-- A login of ours can't make the owner's functions run its own code.
--
-- A function with "security definer" finds a relation first in pg_temp, unless
-- its search_path names pg_temp last; and everybody may create temporary
-- tables in a database, unless that is revoked:
-- https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
-- So a login could put a table with a trigger in the way of such a function,
-- and behind a pooler it would stay there for the next client.
--
-- Others who share this database and need temporary tables have to be granted
-- them by name: grant temporary on database ... to <their role>.

do $$
begin
    execute format('revoke temporary on database %I from public', current_database());
end
$$;

revoke create on schema public from public;

create or replace function public.identify(caller text) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    found_user jsonb;
begin
    select to_jsonb("user")
    into found_user
    from public."user"
    where id = caller;

    if found_user is null
        or (found_user ->> 'banned')::boolean
            and coalesce((found_user ->> 'banExpires')::timestamptz > now(), true)
    then
        perform set_config('app.user_id', '', true);
        return false;
    end if;
    perform set_config('app.user_id', caller, true);
    return true;
end
$$;

create or replace function public.bury_tasks() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from public.task_tombstones
    using (select distinct user_id from gone) as owners
    where task_tombstones.user_id = owners.user_id
    and deleted_at < now() - interval '31 days';

    insert into public.task_tombstones (id, user_id)
    select gone.id, gone.user_id
    from gone
    join public."user" on "user".id = gone.user_id
    on conflict (id) do update
    set deleted_at = excluded.deleted_at,
        changed_xid = excluded.changed_xid;
    return null;
end
$$;

create or replace function public.sync_epoch() returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select hashtextextended(
        concat_ws(
            ' ',
            (select system_identifier from pg_control_system()),
            (select timeline_id from pg_control_checkpoint()),
            current_setting('neon.timeline_id', true),
            'public.tasks'::regclass::oid
        ),
        0
    )
$$;
