-- Counts an attempt to register, and returns the seconds to wait, if any.
create or replace function todo.begin_registration(
    keys text[],
    seconds integer[],
    hits integer[]
)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return todo.count_attempt(keys, seconds, hits, '{}', '{}', '{}', false);
end
$$;
