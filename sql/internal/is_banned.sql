-- Whether a row of "user" is banned now. By way of jsonb, because Better
-- Auth's admin plugin adds the columns whenever an operator turns it on:
-- https://www.better-auth.com/docs/plugins/admin#schema
create or replace function todo.is_banned(found_user jsonb) returns boolean
language sql
stable
as $$
    select coalesce((found_user ->> 'banned')::boolean, false)
        and coalesce((found_user ->> 'banExpires')::timestamptz > now(), true)
$$;
