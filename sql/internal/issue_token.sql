-- The first refresh token of a sign-in: good for 30 days from refresh to
-- refresh, for 90 days in all. Removes what has ended of this user.
create or replace function todo.issue_token(owner text, token uuid, new_hash bytea) returns void
language sql
as $$
    delete from public.auth_refresh
    where user_id = owner
    and expires_at < now() - interval '1 day';

    insert into public.auth_refresh (user_id, id, family, token_hash, expires_at, family_expires_at)
    values (owner, token, token, new_hash, now() + interval '30 days', now() + interval '90 days')
    on conflict (id) do nothing
$$;
