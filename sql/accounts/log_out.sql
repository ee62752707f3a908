-- Ends the sign-in that a refresh token belongs to.
create or replace function todo.log_out(presented bytea) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform todo.lock_user((
        select user_id
        from public.auth_refresh
        where token_hash = presented
    ));
    update public.auth_refresh
    set revoked_at = now()
    where family = (
        select family
        from public.auth_refresh
        where token_hash = presented
    )
    and revoked_at is null;
end
$$;
