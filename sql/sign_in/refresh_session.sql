-- Takes a refresh token for the next one. The id is null when the token is not
-- good; then has_ended says whether its whole sign-in was ended for being used
-- twice, and wait_seconds whether too many bad ones came from one address.
--
-- A client whose answer was lost sends the old token again. Within 60 seconds,
-- while the successor is unused, the old token gets another successor and the
-- lost one is revoked. Later, a token that was used or revoked is taken for
-- stolen (RFC 9700 section 4.14.2), and the whole sign-in ends.
create or replace function todo.refresh_session(
    presented bytea,
    next_token uuid,
    next_hash bytea,
    kid text,
    jwk text,
    keys text[],
    seconds integer[],
    hits integer[]
)
returns table (
    wait_seconds integer,
    has_ended boolean,
    id text,
    name text,
    email text,
    created_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    token public.auth_refresh;
    is_good boolean;
begin
    perform todo.lock_user((
        select user_id
        from public.auth_refresh
        where token_hash = presented
    ));
    select *
    into token
    from public.auth_refresh
    where token_hash = presented
    for update;

    is_good := token.revoked_at is null and token.expires_at > now() and exists (
        select
        from public."user"
        where id = token.user_id
        and not todo.is_banned(to_jsonb("user"))
    );

    if is_good and token.used_at is null then
        update public.auth_refresh
        set used_at = now(),
            successor = next_token
        where id = token.id;
        perform todo.succeed_token(token, next_token, next_hash);

    -- A repeated call has done it before.
    elsif is_good and token.successor = next_token then
        null;

    elsif is_good and token.used_at > now() - interval '60 seconds' then
        update public.auth_refresh
        set revoked_at = now()
        where id = token.successor
        and used_at is null
        and revoked_at is null;
        is_good := found;
        if is_good then
            update public.auth_refresh
            set successor = next_token
            where id = token.id;
            perform todo.succeed_token(token, next_token, next_hash);
        end if;

    else
        is_good := false;
    end if;

    has_ended := false;
    if is_good then
        select "user".id, "user".name, "user".email, "user"."createdAt"
        into id, name, email, created_at
        from public."user"
        where "user".id = token.user_id;
        perform todo.publish_key(kid, jwk);
    else
        wait_seconds := todo.count_attempt(keys, seconds, hits, '{}', '{}', '{}', false);
        if coalesce(token.used_at, token.created_at) < now() - interval '60 seconds'
            and (token.used_at is not null or token.revoked_at is not null)
        then
            update public.auth_refresh
            set revoked_at = now()
            where family = token.family
            and revoked_at is null;
            has_ended := found;
        end if;
    end if;
    return next;
end
$$;
