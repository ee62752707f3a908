-- Gives the caller another name; null leaves it.
create or replace function todo.rename_user(caller text, new_name text)
returns table (id text, name text, email text, created_at timestamptz)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    perform todo.act_as(caller);
    return query
    update public."user"
    set name = coalesce(new_name, name),
        "updatedAt" = now()
    where id = caller
    returning id, name, email, "createdAt";
end
$$;
