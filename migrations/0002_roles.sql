-- The two roles that requests take on, for one transaction each: todo_user on
-- the tasks of the signed-in user, todo_auth on accounts and keys. Neither can
-- sign in; migrate grants them to the login role of DATABASE_URL.
--
-- Roles belong to the whole cluster: another database may have made them.

do $$
declare
    name text;
begin
    foreach name in array array['todo_user', 'todo_auth'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
    end loop;
exception
    -- Another database was migrated at the same moment.
    when duplicate_object or unique_violation then null;
end
$$;

grant usage on schema public to todo_user, todo_auth;
grant select (id) on "user" to todo_user;
grant select, insert, update, delete on "user", account to todo_auth;
