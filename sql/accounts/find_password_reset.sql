-- The e-mail address of the account whose password a token can replace: the one
-- that it had when the link was sent. A token that is not good (any more) is
-- counted, and wait_seconds says whether too many came from one address.
create or replace function todo.find_password_reset(
    presented bytea,
    keys text[],
    seconds integer[],
    hits integer[]
)
returns table (wait_seconds integer, email text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    select "user".email
    into email
    from public.password_resets
    join public."user" on "user".id = password_resets.user_id
    join public.account
        on account."userId" = password_resets.user_id
        and account."providerId" = 'credential'
    where password_resets.user_id = todo.owner_of_reset(presented)
    and token_hash = todo.bind_reset(presented, account.password)
    and used_at is null
    and expires_at > now()
    and not todo.is_banned(to_jsonb("user"));
    if email is null then
        wait_seconds := todo.count_attempt(keys, seconds, hits, '{}', '{}', '{}', false);
    end if;
    return next;
end
$$;
