-- Deletes the caller and everything that belongs to it.
create or replace function todo.delete_user(caller text) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform todo.act_as(caller);
    delete from public."user"
    where id = caller;
end
$$;
