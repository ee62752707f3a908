-- Counts a request for a link, and returns the seconds to wait, or the address
-- to send it to. The address is null where there is no such account, its user
-- is banned, or its password is Better Auth's: that one is reset there, because
-- Better Auth need not know the hashes that are made here.
create or replace function todo.begin_password_reset(
    asked_email text,
    new_hash bytea,
    narrow_keys text[],
    narrow_seconds integer[],
    narrow_hits integer[],
    account_keys text[],
    account_seconds integer[],
    account_hits integer[],
    familiar text
)
returns table (wait_seconds integer, email text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    owner text;
    password text;
begin
    wait_seconds := todo.count_attempt(
        narrow_keys,
        narrow_seconds,
        narrow_hits,
        account_keys,
        account_seconds,
        account_hits,
        todo.is_familiar(familiar)
    );
    if wait_seconds is null then
        select "user".id, "user".email, account.password
        into owner, email, password
        from public."user"
        join public.account
            on account."userId" = "user".id
            and account."providerId" = 'credential'
            and account.password like '$argon2%'
        where "user".email = asked_email
        and not todo.is_banned(to_jsonb("user"));
    end if;
    if owner is not null then
        perform todo.lock_user(owner);
        delete from public.password_resets
        where user_id = owner;
        insert into public.password_resets (user_id, token_hash, expires_at)
        values (owner, todo.bind_reset(new_hash, password), now() + interval '30 minutes');
    end if;
    return next;
end
$$;
