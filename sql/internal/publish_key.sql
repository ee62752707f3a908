-- Publishes the key that signs from now on, and retires its predecessor in an
-- hour: its last tokens live for 15 minutes. A key that is there already is
-- not even locked.
create or replace function todo.publish_key(new_kid text, new_jwk text) returns void
language plpgsql
as $$
begin
    if exists (
        select
        from public.auth_signing_key
        where kid = new_kid
        and retired_at is null
    ) then
        return;
    end if;

    insert into public.auth_signing_key (kid, public_jwk)
    values (new_kid, new_jwk)
    on conflict (kid) do update
    set retired_at = null
    where auth_signing_key.retired_at is not null;

    if found then
        update public.auth_signing_key
        set retired_at = now() + interval '1 hour'
        where retired_at is null
        and kid <> new_kid;
    end if;
end
$$;
