-- Fails a statement that met no row, and so the transaction that it is part
-- of: nothing else stops a batch whose statements are all on their way before
-- the first answer comes back.

create function refuse(state text) returns boolean
language plpgsql
set search_path = pg_catalog
as $$
begin
    raise exception using errcode = state, message = 'refused';
end
$$;
