-- Fails unless the database answers and the functions may read signing keys.
create or replace function todo.check_ready() returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform 1
    from public.auth_signing_key
    limit 0;
end
$$;
