-- Tells row-level security who acts for the rest of the transaction. Refuses
-- (TD401) a user who is gone or banned, so that nothing of the call is stored.
--
-- A function of the tables' owner: those who call it may not read "user".
create or replace function todo.act_as(caller text) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    found_user jsonb;
begin
    select to_jsonb("user")
    into found_user
    from public."user"
    where id = caller;

    if found_user is null or todo.is_banned(found_user) then
        raise exception using errcode = 'TD401', message = 'the user is gone or banned';
    end if;
    perform set_config('todo.caller', caller, true);
end
$$;
