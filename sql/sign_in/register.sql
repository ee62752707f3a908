-- Makes a user with a password and the first refresh token, and returns when.
create or replace function todo.register(
    new_user text,
    new_name text,
    new_email text,
    new_account text,
    new_password text,
    token uuid,
    token_hash bytea,
    kid text,
    jwk text,
    familiar text
)
returns timestamptz
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    registered_at timestamptz;
begin
    insert into public."user" (id, name, email, "emailVerified")
    values (new_user, new_name, new_email, false)
    returning "createdAt" into registered_at;

    insert into public.account (id, "accountId", "providerId", "userId", password, "updatedAt")
    values (new_account, new_user, 'credential', new_user, new_password, now());

    perform todo.issue_token(new_user, token, token_hash);
    perform todo.publish_key(kid, jwk);
    perform todo.forgive_attempt('{}', '{}', null, familiar);
    return registered_at;
end
$$;
