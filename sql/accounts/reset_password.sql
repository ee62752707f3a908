-- Uses a token up for a new password, and ends every sign-in; false when the
-- token is not good (any more).
create or replace function todo.reset_password(presented bytea, new_password text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    owner text := todo.owner_of_reset(presented);
begin
    perform todo.lock_user(owner);
    -- Better Auth does not wait for that lock: the row of the account decides.
    update public.account
    set password = new_password,
        "updatedAt" = now()
    from public.password_resets
    where account."userId" = owner
    and account."providerId" = 'credential'
    and password_resets.user_id = owner
    and password_resets.token_hash = todo.bind_reset(presented, account.password)
    and password_resets.used_at is null
    and password_resets.expires_at > now();
    if not found then
        -- The first try of this request, whose answer was lost.
        return exists (
            select
            from public.password_resets
            join public.account on account."userId" = password_resets.user_id
            where password_resets.user_id = todo.owner_of_reset(presented)
            and password_resets.used_at is not null
            and account."providerId" = 'credential'
            and account.password = new_password
        );
    end if;

    update public.password_resets
    set used_at = now()
    where user_id = owner;
    update public.auth_refresh
    set revoked_at = now()
    where user_id = owner
    and revoked_at is null;
    return true;
end
$$;
