-- The public keys that verify tokens: the built-in ones, and Better Auth's out
-- of its own table, of which only the public columns are granted. A first row
-- says whether that table is absent, denied or readable.
--
-- Better Auth never deletes a rotated key and publishes it for 30 days more;
-- its version 1.4 has no column for the algorithm.
create or replace function todo.verification_keys(is_better_auth_read boolean)
returns table (better_auth text, kid text, jwk text, algorithm text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    jwks regclass := to_regclass('public.jwks');
    column_of_algorithm text;
begin
    better_auth := case
        when jwks is null then 'absent'
        when has_column_privilege(jwks, 'publicKey', 'select') then 'readable'
        else 'denied'
    end;
    return next;

    return query
    select null::text, kid, public_jwk, null::text
    from public.auth_signing_key
    where retired_at is null or retired_at > now();

    if is_better_auth_read and better_auth = 'readable' then
        select coalesce(max(quote_ident(attname)), 'null')
        into column_of_algorithm
        from pg_attribute
        where attrelid = jwks
        and attname = 'alg'
        and not attisdropped;

        return query execute format(
            'select ''readable'', id, "publicKey", %s::text
            from public.jwks
            where "expiresAt" is null or "expiresAt" + interval ''30 days'' > now()',
            column_of_algorithm
        );
    end if;
end
$$;
