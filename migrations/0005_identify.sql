-- Tells row-level security who acts for the rest of the transaction, and
-- answers whether there is such a user: one that exists and is not banned.
--
-- A function of the tables' owner, so that todo_user needs no right on
-- "user"; and by way of jsonb, because Better Auth's admin plugin adds the
-- columns "banned" and "banExpires" whenever an operator turns it on:
-- https://www.better-auth.com/docs/plugins/admin#schema

create function identify(caller text) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, public
as $$
declare
    found_user jsonb;
begin
    select to_jsonb("user")
    into found_user
    from "user"
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

revoke execute on function identify (text) from public;
grant execute on function identify (text) to todo_user, todo_auth;
revoke select (id) on "user" from todo_user;
