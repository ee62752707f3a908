-- The user to whom the link with this token was sent, whether it is still good
-- or not; see bind_reset.
create or replace function todo.owner_of_reset(presented bytea) returns text
language sql
stable
as $$
    select user_id
    from public.password_resets
    where token_hash > presented
    and token_hash < presented || '\x01'::bytea
$$;
