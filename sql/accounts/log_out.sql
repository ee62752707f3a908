-- Ends the sign-in that a refresh token belongs to, or every sign-in of its
-- user. Only a sign-in that goes on can end the others: a token that was found
-- in an old backup can't sign its user out for ever.
create or replace function todo.log_out(presented bytea, is_everywhere boolean) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    token public.auth_refresh;
begin
    perform todo.lock_user((
        select user_id
        from public.auth_refresh
        where token_hash = presented
    ));
    select *
    into token
    from public.auth_refresh
    where token_hash = presented;

    update public.auth_refresh
    set revoked_at = now()
    where revoked_at is null
    and (
        family = token.family
        or is_everywhere
            and user_id = token.user_id
            and token.revoked_at is null
            and token.family_expires_at > now()
    );
end
$$;
