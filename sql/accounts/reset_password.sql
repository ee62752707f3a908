-- Uses a token up for a new password, and ends every sign-in; false when the
-- token is not good (any more).
create or replace function todo.reset_password(presented bytea, new_password text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    owner text;
begin
    perform todo.lock_user((
        select user_id
        from public.password_resets
        where token_hash = presented
    ));
    update public.password_resets
    set used_at = now()
    where token_hash = presented
    and used_at is null
    and expires_at > now()
    returning user_id into owner;
    if owner is null then
        -- The first try of this request, whose answer was lost.
        return exists (
            select
            from public.password_resets
            join public.account on account."userId" = password_resets.user_id
            where token_hash = presented
            and account."providerId" = 'credential'
            and account.password = new_password
        );
    end if;

    update public.account
    set password = new_password,
        "updatedAt" = now()
    where "userId" = owner
    and "providerId" = 'credential';
    update public.auth_refresh
    set revoked_at = now()
    where user_id = owner
    and revoked_at is null;
    return true;
end
$$;
