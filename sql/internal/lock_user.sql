-- Lets calls that make or end refresh tokens of one user wait for each other.
-- Rows that are read afterwards were committed before, so a revocation finds the
-- tokens that were being made.
create or replace function todo.lock_user(locked text) returns void
language sql
as $$
    select
    from public."user"
    where id = locked
    for no key update
$$;
