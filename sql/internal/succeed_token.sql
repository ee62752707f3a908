-- Stores the refresh token that follows this one.
create or replace function todo.succeed_token(
    token public.auth_refresh,
    next_token uuid,
    next_hash bytea
)
returns void
language sql
as $$
    insert into public.auth_refresh (user_id, id, family, token_hash, expires_at, family_expires_at)
    values (
        token.user_id,
        next_token,
        token.family,
        next_hash,
        least(now() + interval '30 days', token.family_expires_at),
        token.family_expires_at
    )
$$;
