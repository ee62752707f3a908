-- What is stored of the token of a link: the hash of the token, with which it
-- begins so that an index finds it, and that of the password that it replaces.
-- Better Auth knows nothing of links: one that was sent before the password was
-- changed there no longer fits.
create or replace function todo.bind_reset(token_hash bytea, password text) returns bytea
language sql
immutable
as $$
    select token_hash || '\x00'::bytea || sha256(convert_to(password, 'UTF8'))
$$;
