-- Signs in a user whose password was verified, if it is still the one that is
-- stored; false when it is not. A hash that is weaker than those made today is
-- replaced while the password is known.
create or replace function todo.finish_login(
    login_user text,
    verified text,
    rehashed text,
    token uuid,
    token_hash bytea,
    kid text,
    jwk text,
    narrow_keys text[],
    account_keys text[],
    pair text,
    familiar text
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform todo.lock_user(login_user);
    update public.account
    set password = rehashed,
        "updatedAt" = now()
    where "userId" = login_user
    and "providerId" = 'credential'
    and password = verified
    and rehashed is not null;
    if not found and not exists (
        select
        from public.account
        where "userId" = login_user
        and "providerId" = 'credential'
        -- A repeated call finds the hash that it has stored before.
        and password in (verified, rehashed)
    ) then
        return false;
    end if;

    perform todo.issue_token(login_user, token, token_hash);
    perform todo.publish_key(kid, jwk);
    perform todo.forgive_attempt(narrow_keys, account_keys, pair, familiar);
    return true;
end
$$;
