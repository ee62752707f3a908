-- Who the caller is.
create or replace function todo.get_profile(caller text)
returns table (id text, name text, email text, created_at timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    perform todo.act_as(caller);
    return query
    select id, name, email, "createdAt"
    from public."user"
    where id = caller;
end
$$;
