-- Counts an attempt to sign in, and returns the account behind the e-mail
-- address to verify the password against, or the seconds to wait. The id is
-- null where there is no such account, or its user is banned.
create or replace function todo.begin_login(
    login_email text,
    narrow_keys text[],
    narrow_seconds integer[],
    narrow_hits integer[],
    account_keys text[],
    account_seconds integer[],
    account_hits integer[],
    familiar text
)
returns table (
    wait_seconds integer,
    id text,
    name text,
    email text,
    created_at timestamptz,
    password text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
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
        select "user".id, "user".name, "user".email, "user"."createdAt", account.password
        into id, name, email, created_at, password
        from public."user"
        join public.account
            on account."userId" = "user".id
            and account."providerId" = 'credential'
        where "user".email = login_email
        and not todo.is_banned(to_jsonb("user"));
    end if;
    return next;
end
$$;
