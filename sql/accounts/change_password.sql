-- Changes the password that was verified, and the name where one is given,
-- and ends every sign-in: others who hold a refresh token have to know the new
-- password. No row comes back when another request was faster.
create or replace function todo.change_password(
    caller text,
    verified text,
    new_password text,
    new_name text,
    keys text[],
    pair text
)
returns table (id text, name text, email text, created_at timestamptz)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    perform todo.act_as(caller);
    perform todo.lock_user(caller);
    update public.account
    set password = new_password,
        "updatedAt" = now()
    where "userId" = caller
    and "providerId" = 'credential'
    and password = verified;
    if not found and not exists (
        -- The first try of this request, whose answer was lost.
        select
        from public.account
        where "userId" = caller
        and "providerId" = 'credential'
        and password = new_password
    ) then
        return;
    end if;

    update public.auth_refresh
    set revoked_at = now()
    where user_id = caller
    and revoked_at is null;
    delete from public.password_resets
    where user_id = caller;
    perform todo.forgive_attempt(keys, '{}', pair, null);
    return query
    select profile.*
    from todo.rename_user(caller, new_name) as profile;
end
$$;
